using System.Text.Json;
using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.Tests.Mujoco;

/// <summary>The motion of the published ants and coupled cheetahs, and the stale features that their tasks read, recorded with MuJoCo 2.2.2.</summary>
[Category("Golden")]
public sealed class MotionGoldenTests
{
    private const int Substeps = 5, SubstepsOfManyAgentAnts = 4;

    private static IEnumerable<TestCaseData> Ants() => GoldenFiles.Cases("physics", "ant");

    private static IEnumerable<TestCaseData> ManyAgentAnts() => GoldenFiles.Cases("physics", "manyagent_ant");

    private static IEnumerable<TestCaseData> Cheetahs() => GoldenFiles.Cases("physics", "coupled");

    [TestCaseSource(nameof(Ants))]
    public void Ant_FromTheRecordedPose_FollowsTheReference(string path) => FollowAnt(path, AntModel.Torso, Substeps);

    [TestCaseSource(nameof(ManyAgentAnts))]
    public void ManyAgentAnt_FromTheRecordedPose_FollowsTheReference(string path) => FollowAnt(path, ManyAgentAntModel.Torso(0), SubstepsOfManyAgentAnts);

    private static void FollowAnt(string path, string torso, int substeps)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using MujocoModel model = MujocoModel.Load(PublishedModels.Document(NameOf(path)));
        model.Declare(MujocoFeature.BodyPosition, model.Find("body", torso));
        model.Declare(MujocoFeature.ContactForceSum);

        Play(model, golden, substeps, _ => [], (simulation, record, where) =>
        {
            double? tolerance = record.NumberOrNull("tol_qpos");
            Numeric.AssertWithin(simulation.Features[..2], [record.Number("x_after"), record.Number("y_after")], tolerance, $"{where}: torso");
            Numeric.AssertWithin([-0.0005 * simulation.Features[3]], [record.Number("reward_contact")], record.NumberOrNull("tol_reward"), $"{where}: contact cost");
        });
    }

    [TestCaseSource(nameof(Cheetahs))]
    public void CoupledCheetahs_FromTheRecordedPose_FollowTheReference(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using MujocoModel model = MujocoModel.Load(PublishedModels.Document(NameOf(path)));
        model.Declare(MujocoFeature.GeomPosition, model.Find("geom", CheetahParts.WallGeom));
        foreach (string suffix in CoupledHalfCheetahModel.Suffixes)
            model.Declare(MujocoFeature.BodyPosition, model.Find("body", CheetahParts.Torso + suffix));

        Play(model, golden, Substeps, time => [CheetahParts.WallControl(time)], (simulation, record, where) => Numeric.AssertWithin(
            [simulation.Features[0], simulation.Features[3], simulation.Features[6]],
            [record.Number("wall_geom_x"), record.Number("x1_after"), record.Number("x2_after")], record.NumberOrNull("tol_qpos"), $"{where}: wall and torsos"));
    }

    [Test]
    public void Ant_WithoutWalls_MovesAsWithFreeOnesUntilItTouchesOne()
    {
        using MujocoModel free = MujocoModel.Load(AntModel.Document(CorridorWalls.Free, MujocoLibrary.Default.Version));
        using MujocoModel none = MujocoModel.Load(AntModel.Document(CorridorWalls.Visual, MujocoLibrary.Default.Version));
        using var among = new MujocoSimulation(free);
        using var alone = new MujocoSimulation(none);
        for (int step = 0; step < 20; step++)
        {
            double[] action = Action(8, step, sinusoidal: true);
            among.Step(action, Substeps);
            alone.Step(action, Substeps);
        }

        Numeric.AssertClose(alone.Positions.ToArray(), among.Positions[..none.PositionCount].ToArray(), 1e-9, "positions");
        Assert.That(none.PositionCount, Is.EqualTo(15));
    }

    [Test]
    public void Ant_DrivenAgainstAStaticWall_IsStopped()
    {
        using MujocoModel model = MujocoModel.Load(AntModel.Document(CorridorWalls.Static, MujocoLibrary.Default.Version));
        using var ant = new MujocoSimulation(model);
        double[] positions = [.. model.InitialPositions], velocities = new double[model.VelocityCount];
        velocities[1] = 8; // towards the wall at y = 5
        ant.Reset(positions, velocities);
        for (int step = 0; step < 40; step++)
            ant.Step(new double[model.ControlCount], Substeps);

        Assert.That(ant.Positions[1], Is.LessThan(5 + Math.Abs(ant.Positions[0]) * Math.Tan(Math.PI / 6)), "it stays on its side");
    }

    private static string NameOf(string path) => Path.GetFileName(path).Split("__")[0];

    private static void Play(MujocoModel model, JsonElement golden, int substeps, Func<double, double[]> own, Action<MujocoSimulation, JsonElement, string> compareFeatures)
    {
        using var simulation = new MujocoSimulation(model);
        simulation.Reset(golden.Numbers("init_qpos"), golden.Numbers("init_qvel"));
        Dictionary<int, JsonElement> records = golden.GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("step").GetInt32());
        bool sinusoidal = golden.GetProperty("action").GetString() == "sin";
        int actions = golden.GetProperty("n_action").GetInt32(), compared = 0;
        for (int step = 1; step <= golden.GetProperty("last_comparable_step").GetInt32(); step++)
        {
            simulation.Step([.. Action(actions, step - 1, sinusoidal), .. own(simulation.Time)], substeps);
            if (!records.TryGetValue(step, out JsonElement record))
                continue;
            string where = $"step {step}";
            Numeric.AssertWithin(simulation.Positions, record.Numbers("qpos"), record.NumberOrNull("tol_qpos"), $"{where}: qpos");
            Numeric.AssertWithin(simulation.Velocities, record.Numbers("qvel"), record.NumberOrNull("tol_qvel"), $"{where}: qvel");
            Assert.That(simulation.Contacts, Is.EqualTo(record.Number("ncon")), $"{where}: contacts");
            compareFeatures(simulation, record, where);
            compared++;
        }
        Assert.That(compared, Is.GreaterThanOrEqualTo(10));
    }

    private static double[] Action(int count, int step, bool sinusoidal) =>
        [.. Enumerable.Range(0, count).Select(j => sinusoidal ? 0.5 * Math.Sin((0.1 * step * (j + 1)) + j) : 0)];
}
