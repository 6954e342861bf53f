using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

[TestFixture("3m")]
[TestFixture("2s3z")]
[TestFixture("MMM2")]
[TestFixture("bane_vs_bane")]
[TestFixture("2c_vs_64zg")]
[TestFixture("6h_vs_8z")]
[TestFixture("corridor")]
public sealed class SkirmishContractTests(string map) : EnvironmentContractTests
{
    private readonly SkirmishMap _map = SkirmishMap.BuiltIn(map);

    protected override IMultiAgentEnvironment Create() => new SkirmishBattle(_map);
}
