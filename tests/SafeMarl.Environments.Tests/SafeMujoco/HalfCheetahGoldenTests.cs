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
        using var cheetah = new SafeHalfCheetah(AgentPartition.Parse("2x3"));
        RecordedMotion.Follow(cheetah, GoldenFiles.Read(path), (record, where) =>
        {
            Numeric.AssertWithin(cheetah.Simulation.Positions, record.Numbers("qpos"), record.NumberOrNull("tol_qpos"), $"{where}: qpos");
            Numeric.AssertWithin(cheetah.Simulation.Velocities, record.Numbers("qvel"), record.NumberOrNull("tol_qvel"), $"{where}: qvel");
            Numeric.AssertWithin([cheetah.Simulation.Positions[1]], [record.Number("x_after")], record.NumberOrNull("tol_qpos"), $"{where}: x");
            Numeric.AssertWithin([cheetah.Simulation.Features[0]], [record.Number("wall_geom_x")], record.NumberOrNull("tol_qpos"), $"{where}: wall");
            Numeric.AssertWithin(cheetah.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
            Assert.That(cheetah.Rewards, Is.All.EqualTo(record.Number("reward")).Within(record.NumberOrNull("tol_reward") ?? 1e-9), $"{where}: reward");
            Assert.That(cheetah.Costs, Is.All.EqualTo(record.Number("cost")), $"{where}: cost");
            Assert.That(cheetah.Simulation.Time, Is.EqualTo(record.Number("time")).Within(1e-9), $"{where}: time");
            Assert.That(cheetah.Simulation.Contacts, Is.EqualTo(record.Number("ncon")), $"{where}: contacts");
        });
    }

    [TestCaseSource(nameof(Trajectories))]
    public void Trajectory_OfJointsAsDeclared_IsTheSameByTheSameMotors(string path)
    {
        using var cheetah = new SafeHalfCheetah(AgentPartition.Parse("3x2"), new SafeHalfCheetahOptions { Partition = JointAssignment.AsDeclared });
        RecordedMotion.Follow(cheetah, GoldenFiles.Read(path), (record, where) =>
        {
            Numeric.AssertWithin(cheetah.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
            Numeric.AssertWithin([cheetah.Rewards[2]], [record.Number("reward")], record.NumberOrNull("tol_reward"), $"{where}: reward");
        }, recorded => [recorded[2], recorded[1], recorded[0], recorded[5], recorded[4], recorded[3]]);
    }
}
