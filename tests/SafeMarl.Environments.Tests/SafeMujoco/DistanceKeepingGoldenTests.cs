using System.Text.Json;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

/// <summary>MAS3AC's cheetah tasks, and the published coupled one, along recorded trajectories.</summary>
[Category("Golden")]
public sealed class DistanceKeepingGoldenTests
{
    private static IEnumerable<TestCaseData> HalfCheetahs() => GoldenFiles.Cases("physics", "half_cheetah");

    private static IEnumerable<TestCaseData> Coupled() => GoldenFiles.Cases("physics", "coupled");

    [TestCaseSource(nameof(HalfCheetahs))]
    public void HalfCheetah_KeepingItsDistance_ReportsTheReferenceSignals(string path)
    {
        using var cheetah = new SafeHalfCheetah(AgentPartition.Parse("3x2"), new SafeHalfCheetahOptions { Objective = CheetahObjective.KeepDistance });
        RecordedMotion.Follow(cheetah, GoldenFiles.Read(path), (record, where) => Compare(cheetah, record, "mas3ac_coop", where));
    }

    [TestCaseSource(nameof(Coupled))]
    public void CoupledCheetahs_KeepingTheirDistance_ReportTheReferenceSignals(string path)
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { Geometry = GeometryOf(path) });
        RecordedMotion.Follow(cheetahs, GoldenFiles.Read(path), (record, where) =>
        {
            Compare(cheetahs, record, "mas3ac_coop", where);
            Numeric.AssertWithin(cheetahs.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
        });
    }

    [TestCaseSource(nameof(Coupled))]
    public void CoupledCheetahs_EachForItself_ReportTheReferenceSignals(string path)
    {
        foreach ((string partition, string rewards) in new[] { ("6x2", "reward6"), ("12x1", "reward12") })
        {
            using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse(partition), new CoupledHalfCheetahOptions { Geometry = GeometryOf(path), NonCooperative = true, Neighborhood = 3 });
            int agents = cheetahs.Spec.Agents.Count;
            RecordedMotion.Follow(cheetahs, GoldenFiles.Read(path), (record, where) =>
            {
                JsonElement expected = record.GetProperty("mas3ac_noncoop");
                double? tolerance = Loose(record);
                Numeric.AssertWithin(cheetahs.Rewards, expected.Numbers(rewards), tolerance, $"{partition}, {where}: rewards");
                Numeric.AssertWithin(cheetahs.Costs, [.. PerAgent(expected.Numbers("barrier")).Select(b => -b)], tolerance, $"{partition}, {where}: costs");
                Numeric.AssertWithin(cheetahs.Deviations, PerAgent(expected.Numbers("stability_cost")), tolerance, $"{partition}, {where}: deviations");
            });

            double[] PerAgent(double[] perBody) => [.. Enumerable.Range(0, agents).Select(a => perBody[a * 2 / agents])];
        }
    }

    [TestCaseSource(nameof(Coupled))]
    public void CoupledCheetahs_Running_ReportThePublishedSignals(string path)
    {
        using var cheetahs = new CoupledHalfCheetah(AgentPartition.Parse("2x6"), new CoupledHalfCheetahOptions { Geometry = GeometryOf(path), Objective = CheetahObjective.Run });
        RecordedMotion.Follow(cheetahs, GoldenFiles.Read(path), (record, where) =>
        {
            Numeric.AssertWithin(cheetahs.Rewards, [record.Number("reward"), record.Number("reward")], record.NumberOrNull("tol_reward"), $"{where}: reward");
            Assert.That(cheetahs.Costs, Is.All.EqualTo(record.Number("cost")), $"{where}: cost");
        });
    }

    private static void Compare(MujocoTask task, JsonElement record, string property, string where)
    {
        JsonElement expected = record.GetProperty(property);
        double? tolerance = Loose(record);
        Numeric.AssertWithin(task.Rewards, Repeated(expected.Number("reward")), tolerance, $"{where}: reward");
        Numeric.AssertWithin(task.Costs, Repeated(-expected.Number("barrier")), tolerance, $"{where}: cost");
        Numeric.AssertWithin(task.Deviations, Repeated(expected.Number("stability_cost")), tolerance, $"{where}: deviation");

        double[] Repeated(double value) => [.. Enumerable.Repeat(value, task.Spec.Agents.Count)];
    }

    // These signals are made of positions, whose tolerance they take.
    private static double? Loose(JsonElement record) => record.NumberOrNull("tol_qpos") is { } t ? Math.Max(1e-9, 10 * t) : null;

    private static CoupledGeometry GeometryOf(string path) => Path.GetFileName(path).StartsWith("coupled_bench", StringComparison.Ordinal) ? CoupledGeometry.WallAhead : CoupledGeometry.WallBehind;
}
