using System.Text.Json;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

/// <summary>Reference trajectories of the whole task, recorded with MuJoCo 2.2.2 and the published model.</summary>
[Category("Golden")]
public sealed class HalfCheetahGoldenTests
{
    private static IEnumerable<TestCaseData> Trajectories() => GoldenFiles.Cases("physics", "half_cheetah");

    [TestCaseSource(nameof(Trajectories))]
    public void Trajectory_FromTheRecordedPose_FollowsTheReference(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using var cheetah = new SafeHalfCheetah(AgentPartition.Parse("2x3"));
        var memory = new StepMemory(cheetah.Spec, 1);
        cheetah.Begin(golden.Numbers("init_qpos"), golden.Numbers("init_qvel"), memory[0]);
        Dictionary<int, JsonElement> records = golden.GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("step").GetInt32());
        bool sinusoidal = golden.GetProperty("action").GetString() == "sin";
        int compared = 0;

        for (int step = 1; step <= golden.GetProperty("last_comparable_step").GetInt32(); step++)
        {
            double[] action = [.. Enumerable.Range(0, 6).Select(j => sinusoidal ? 0.5 * Math.Sin((0.1 * (step - 1) * (j + 1)) + j) : 0)];
            double before = cheetah.Simulation.Positions[1];
            cheetah.Advance(action);
            if (!records.TryGetValue(step, out JsonElement record))
                continue;
            string where = $"step {step}";
            double rewardTolerance = record.NumberOrNull("tol_reward") ?? 1e-9;
            Numeric.AssertClose(action, record.Numbers("a"), 1e-12, $"{where}: action");
            Numeric.AssertWithin(cheetah.Simulation.Positions, record.Numbers("qpos"), record.NumberOrNull("tol_qpos"), $"{where}: qpos");
            Numeric.AssertWithin(cheetah.Simulation.Velocities, record.Numbers("qvel"), record.NumberOrNull("tol_qvel"), $"{where}: qvel");
            Numeric.AssertWithin([before, cheetah.Simulation.Positions[1]], [record.Number("x_before"), record.Number("x_after")], record.NumberOrNull("tol_qpos"), $"{where}: x");
            Numeric.AssertWithin([cheetah.Simulation.Features[0]], [record.Number("wall_geom_x")], record.NumberOrNull("tol_qpos"), $"{where}: wall");
            Numeric.AssertWithin(cheetah.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
            Assert.That(cheetah.Rewards, Is.All.EqualTo(record.Number("reward")).Within(rewardTolerance), $"{where}: reward");
            Assert.That(cheetah.Costs, Is.All.EqualTo(record.Number("cost")), $"{where}: cost");
            Assert.That(cheetah.Simulation.Time, Is.EqualTo(record.Number("time")).Within(1e-9), $"{where}: time");
            Assert.That(cheetah.Simulation.Contacts, Is.EqualTo(record.Number("ncon")), $"{where}: contacts");
            compared++;
        }

        Assert.That(compared, Is.GreaterThanOrEqualTo(10));
    }
}
