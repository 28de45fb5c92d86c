//! Lambda and ECS, by whatever tool describes them.

use super::{assert_all, drafts, lines};

#[test]
fn serverless_functions_have_their_providers_settings() {
    assert_all(
        "serverless.yml",
        &[
            (
                "service: a\nprovider: {name: aws, environment: {A: b, N: null}}\nfunctions:\n  f: {handler: x, environment: {C: d}}\n",
                &["f function 0/?/? 6s x1 A=b C=d"],
            ),
            ("service: a\nprovider: google\nfunctions:\n  f: {handler: x}\n", &[]),
            ("service: a\nprovider: aws\nfunctions:\n  f: {handler: x}\n", &["f function 0/?/? 6s x1"]),
            (
                "service: a\nprovider: {name: aws, timeout: 20}\nfunctions:\n- f: {handler: x, reservedConcurrency: 9}\n- g: {handler: y, timeout: 3, provisionedConcurrency: 2, capacityProvider: c}\n",
                &["f function 0/9/9 20s x1", "g function 2/?/? 3s x?"],
            ),
            (
                "service: a\nprovider: {name: aws}\ncustom: {n: 4, url: 'pg://${self:custom.host}/x'}\nfunctions:\n  f:\n    reservedConcurrency: ${self:custom.n}\n    environment:\n      U: ${self:custom.url}\n      V: ${self:custom.gone, 'v'}\n      W: ${self:custom.gone, self:custom.n}\n      X: ${env:X, 'x'}\n      Y: !Ref Y\n",
                &["f function 0/4/4 6s x1 U=pg://?/x V=v W=4 X=? Y?"],
            ),
            (
                "service: a\nprovider: {name: aws}\ncustom: {stage: dev, dev: {n: 1}}\nfunctions:\n  f: {environment: {U: '${self:custom.${self:custom.stage}.n}'}}\n",
                &["f function 0/?/? 6s x1 U=1"],
            ),
            (
                "service: a\nprovider: {name: aws}\nfunctions:\n  f: ${file(f.yml)}\n",
                &["f function ?/?/? x1"],
            ),
            (
                "service: a\nprovider: {name: aws}\ncustom: {a: '${self:custom.a}${self:custom.a}${self:custom.a}${self:custom.a}${self:custom.a}${self:custom.a}${self:custom.a}${self:custom.a}'}\nfunctions:\n  f: {reservedConcurrency: '${self:custom.a}'}\n",
                &["f function 0/?/? 6s x1"],
            ),
        ],
    );
}

#[test]
fn nobody_waits_for_queues_and_schedules() {
    let function = |events: &str| {
        let text = format!("service: a\nprovider: {{name: aws}}\nfunctions:\n  f: {{events: {events}}}\n");
        lines("serverless.yml", &text).remove(0)
    };
    for (events, expected) in [
        ("[]", "f function 0/?/? 6s x1"),
        ("[http: 'GET a']", "f function 0/?/? 6s x1"),
        ("[schedule: rate(1 hour)]", "f function 0/?/? 6s x1 async"),
        ("[schedule: rate(1 hour), httpApi: '*']", "f function 0/?/? 6s x1"),
        ("[sqs: {arn: x, maximumConcurrency: 5}]", "f function 0/5/5 6s x1 async"),
        (
            "[sqs: {arn: x, maximumConcurrency: 5}, sqs: {arn: y, maximumConcurrency: 2}]",
            "f function 0/7/7 6s x1 async",
        ),
        ("[sqs: {arn: x, maximumConcurrency: 5}, sqs: y]", "f function 0/?/? 6s x1 async"),
    ] {
        assert_eq!(function(events), expected, "{events}");
    }
    let elsewhere = drafts(&[(
        "serverless.yml",
        "service: a\nprovider: {name: aws}\nfunctions:\n- ${file(f.yml)}\n- g: {handler: x}\n",
    )]);
    assert_eq!(elsewhere[0].deployment.partial, ["functions of ${file(f.yml)}"]);
}

const HEAD: &str = "AWSTemplateFormatVersion: '2010-09-09'\n";

#[test]
fn functions_of_a_template() {
    let cases: &[(&str, &[&str])] = &[
        ("Resources:\n  F: {Type: 'AWS::Lambda::Function'}\n", &["F function 0/?/? 3s x1"]),
        (
            "Globals: {Function: {Timeout: 30, Environment: {Variables: {A: b}}}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {ReservedConcurrentExecutions: 5, Environment: {Variables: {C: d}}, ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}}\n  P: {Type: 'AWS::Lambda::Function'}\n",
            &["F function 2/5/5 30s x1 A=b C=d", "P function 0/?/? 3s x1"],
        ),
        (
            "Parameters:\n  N: {Type: Number, Default: 7}\n  S: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      ReservedConcurrentExecutions: !Ref N\n      Environment:\n        Variables:\n          A: !Ref N\n          B: !Ref S\n          C: !Sub 'x-${N}-${AWS::Region}-${!N}'\n          D: !Sub ['${y}${N}', {y: z}]\n          E: !Join ['-', [a, {Ref: N}, {'Fn::Sub': '${N}'}]]\n          F: !If [c, 1, 2]\n          G: '{{resolve:secretsmanager:x}}!'\n          H: {'Fn::GetAtt': [Q, Arn]}\n",
            &["F function 0/7/7 3s x1 A=7 B=? C=x-7-?-${N} D=z7 E=a-7-7 F=? G=?! H=?"],
        ),
        (
            "Resources:\n  F: {Type: 'AWS::Serverless::Function', Properties: {Events: {Q: {Type: SQS, Properties: {ScalingConfig: {MaximumConcurrency: 4}}}}}}\n  G: {Type: 'AWS::Serverless::Function', Properties: {Events: {Q: {Type: SQS}, A: {Type: Api}}}}\n  H: {Type: 'AWS::Serverless::Function', Properties: {FunctionUrlConfig: {AuthType: NONE}, Events: {Q: {Type: SQS}}}}\n",
            &["F function 0/4/4 3s x1 async", "G function 0/?/? 3s x1", "H function 0/?/? 3s x1"],
        ),
        (
            "Resources:\n  F: {Type: 'AWS::Lambda::Function'}\n  A: {Type: 'AWS::Lambda::Alias', Properties: {FunctionName: !Ref F, ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 3}}}\n  M: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {FunctionName: !GetAtt F.Arn}}\n",
            &["F function 3/?/? 3s x1 async"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines("api/template.yaml", &format!("{HEAD}{text}")), *expected, "{text}");
    }
    let json =
        "{\"Resources\": {\"F\": {\"Type\": \"AWS::Lambda::Function\", \"Properties\": {\"Timeout\": 9}}}}";
    assert_eq!(lines("cdk/stack.template.json", json), ["F function 0/?/? 9s x1"]);
}

#[test]
fn services_and_databases_of_a_template() {
    let task = "  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n      - Name: web\n        Image: app:1\n        Command: [gunicorn, -w, '4']\n        Environment: [{Name: U, Value: !Sub 'postgresql://a:b@${Db.Endpoint.Address}:${Db.Endpoint.Port}/x'}]\n        Secrets: [{Name: S, ValueFrom: arn}]\n";
    let database = "  Db: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: postgres, DBParameterGroupName: !Ref G}}\n  G: {Type: 'AWS::RDS::DBParameterGroup', Properties: {Parameters: {max_connections: '150'}}}\n";
    let web = "[web] image:app:1 `gunicorn` `-w` `4` S? U=postgresql://a:b@Db:5432/x";
    let service = |properties: &str| {
        format!("  S: {{Type: 'AWS::ECS::Service', Properties: {{TaskDefinition: !Ref T{properties}}}}}\n")
    };
    let target = "  A: {Type: 'AWS::ApplicationAutoScaling::ScalableTarget', Properties: {MinCapacity: 2, MaxCapacity: 6, ResourceId: !Sub 'service/x/${S.Name}'}}\n";
    for (resources, expected) in [
        (
            format!("{task}{database}"),
            vec![format!("T service ?/?/? {web}"), "Db service 1/1/1 postgresql:5432/150".to_owned()],
        ),
        (
            format!("{task}{}", service("")),
            vec![format!("S service ?/?/? {}", web.replace("@Db:5432", "@?:?"))],
        ),
        (
            format!("{task}{}{database}", service(", DesiredCount: 3")),
            vec![format!("S service 3/3/6 {web}"), "Db service 1/1/1 postgresql:5432/150".to_owned()],
        ),
        (
            format!(
                "{task}{}{database}",
                service(", DesiredCount: 3, DeploymentConfiguration: {MaximumPercent: 150}")
            ),
            vec![format!("S service 3/3/4 {web}"), "Db service 1/1/1 postgresql:5432/150".to_owned()],
        ),
        (format!("{}{target}", service(", DesiredCount: 3")), vec!["S service 2/6/12".to_owned()]),
        (format!("{}{target}", service(", SchedulingStrategy: DAEMON")), vec!["S service ?/?/?".to_owned()]),
        (database.to_owned(), vec![]),
    ] {
        assert_eq!(lines("infra.yaml", &format!("{HEAD}Resources:\n{resources}")), expected, "{resources}");
    }
}

#[test]
fn secrets_of_a_template_are_masked() {
    let found = drafts(&[(
        "stack.yaml",
        "AWSTemplateFormatVersion: x\nParameters:\n  P: {Type: String, NoEcho: true, Default: hunter2}\nResources:\n  F: {Type: 'AWS::Lambda::Function'}\n",
    )]);
    assert_eq!(found[0].secrets.len(), 1);
}

#[test]
fn a_task_definition_alone() {
    let text = "{\"family\": \"f\", \"containerDefinitions\": [{\"name\": \"a\", \"image\": \"i\", \"environment\": [{\"name\": \"A\", \"value\": \"b\"}], \"secrets\": [{\"name\": \"S\", \"valueFrom\": \"arn\"}]}]}";
    assert_eq!(lines("ecs/taskdef.json", text), ["f service ?/?/? [a] image:i A=b S?"]);
    let described = format!("{{\"taskDefinition\": {text}}}");
    assert_eq!(lines("task-definition.json", &described), ["f service ?/?/? [a] image:i A=b S?"]);
}
