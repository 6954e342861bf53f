using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

public sealed class RecurrentTeamTests
{
    [TestCase(100, 10, 8, "70,008")] // of every alternative, 100 numbers
    [TestCase(2, 256, 257, "65,792")] // of levels
    public void Create_WithALargerNetworkThanAPolicyFileDescribes_IsRefused(int atoms, int levels, int size, string named)
    {
        var task = new TaskShape(
            [new AgentShape("agent", 1, ActionSpace.Discrete(700), ["none"], [], [])], 1, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);
        var settings = new TeamSettings(4, 1e-3, 1e-5, 10, 200, Risk: new RiskLevels(atoms, levels, size));

        Assert.That(() => new RecurrentTeam<Mixer>(task, settings, _ => new Vdn(), 1, GoldenNetworks.Double), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains(named).And.Message.Contains("65,536"));
    }
}
