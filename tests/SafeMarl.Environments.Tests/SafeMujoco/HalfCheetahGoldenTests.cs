using System.Text.Json;
using SafeMarl.Environments.Mujoco;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

/// <summary>Reference trajectories and model numbers, recorded with MuJoCo 2.2.2 and the published model.</summary>
[Category("Golden")]
public sealed class HalfCheetahGoldenTests
{
    private static IEnumerable<TestCaseData> Trajectories() => GoldenFiles.Cases("physics", "half_cheetah");

    private static IEnumerable<TestCaseData> Models() => GoldenFiles.Cases(Path.Combine("physics", "models"), "half_cheetah");

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
            (double reward, double cost) = cheetah.Advance(action);
            if (!records.TryGetValue(step, out JsonElement record))
                continue;
            string where = $"step {step}";
            double rewardTolerance = record.NumberOrNull("tol_reward") ?? 1e-9;
            Numeric.AssertClose(action, record.Numbers("a"), 1e-12, $"{where}: action");
            AssertWithin(cheetah.Simulation.Positions, record.Numbers("qpos"), record.NumberOrNull("tol_qpos"), $"{where}: qpos");
            AssertWithin(cheetah.Simulation.Velocities, record.Numbers("qvel"), record.NumberOrNull("tol_qvel"), $"{where}: qvel");
            AssertWithin([before, cheetah.Simulation.Positions[1]], [record.Number("x_before"), record.Number("x_after")], record.NumberOrNull("tol_qpos"), $"{where}: x");
            AssertWithin([cheetah.Simulation.Features[0]], [record.Number("wall_geom_x")], record.NumberOrNull("tol_qpos"), $"{where}: wall");
            AssertWithin(cheetah.State, record.Numbers("obs_state"), record.NumberOrNull("tol_qvel"), $"{where}: state");
            Assert.That(reward, Is.EqualTo(record.Number("reward")).Within(rewardTolerance), $"{where}: reward");
            Assert.That(cost, Is.EqualTo(record.Number("cost")), $"{where}: cost");
            Assert.That(cheetah.Simulation.Time, Is.EqualTo(record.Number("time")).Within(1e-9), $"{where}: time");
            Assert.That(cheetah.Simulation.Contacts, Is.EqualTo(record.Number("ncon")), $"{where}: contacts");
            compared++;
        }

        Assert.That(compared, Is.GreaterThanOrEqualTo(10));
    }

    [TestCaseSource(nameof(Models))]
    public void Model_Compiled_HasTheNumbersOfTheReference(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using MujocoModel model = MujocoModel.Load(HalfCheetahModel.Document());

        foreach (string count in new[] { "nq", "nv", "nu", "nbody", "njnt", "ngeom", "ntendon", "timestep", "iterations", "tolerance", "impratio", "meanmass", "meaninertia" })
            Compare(model.Read(count), golden.Numbers(count), count);
        Compare(model.Read("gravity"), golden.Numbers("gravity"), "gravity");
        Compare(model.Read("qpos0"), golden.Numbers("qpos0"), "qpos0");
        Compare(model.Read("dof_armature"), golden.Numbers("dof_armature"), "dof_armature");
        Compare(model.Read("dof_damping"), golden.Numbers("dof_damping"), "dof_damping");
        Compare([model.Read("body_mass").Sum()], [golden.Number("total_mass")], "total mass");
        CompareAll("bodies", [("mass", "body_mass"), ("inertia", "body_inertia"), ("parent", "body_parentid"), ("pos", "body_pos"), ("quat", "body_quat"), ("ipos", "body_ipos"), ("iquat", "body_iquat")]);
        CompareAll("joints",
            [("body", "jnt_bodyid"), ("qposadr", "jnt_qposadr"), ("dofadr", "jnt_dofadr"), ("limited", "jnt_limited"), ("stiffness", "jnt_stiffness"), ("margin", "jnt_margin"),
             ("range", "jnt_range"), ("axis", "jnt_axis"), ("pos", "jnt_pos"), ("solref_limit", "jnt_solref"), ("solimp_limit", "jnt_solimp")]);
        CompareAll("geoms",
            [("body", "geom_bodyid"), ("contype", "geom_contype"), ("conaffinity", "geom_conaffinity"), ("condim", "geom_condim"), ("margin", "geom_margin"), ("gap", "geom_gap"),
             ("size", "geom_size"), ("pos", "geom_pos"), ("quat", "geom_quat"), ("friction", "geom_friction"), ("solref", "geom_solref"), ("solimp", "geom_solimp")]);
        CompareAll("actuators", [("ctrllimited", "actuator_ctrllimited"), ("ctrlrange", "actuator_ctrlrange")]);
        JsonElement[] actuators = [.. golden.GetProperty("actuators").EnumerateArray()];
        Compare([.. model.Read("actuator_gear").Chunk(6).Select(g => g[0])], [.. actuators.Select(a => a.Number("gear"))], "gears");
        Assert.That(model.Read("actuator_trnid").Chunk(2).Select(t => model.NameOf("joint", (int)t[0])), Is.EqualTo(actuators.Select(a => a.GetProperty("joint").GetString())));
        Assert.That(Names("joint", "njnt"), Is.EqualTo(golden.GetProperty("joints").EnumerateArray().Select(j => j.GetProperty("name").GetString())));
        Assert.That(Names("body", "nbody"), Is.EqualTo(golden.GetProperty("bodies").EnumerateArray().Select(b => b.GetProperty("name").GetString())));

        void CompareAll(string list, (string Property, string Field)[] columns)
        {
            foreach ((string property, string field) in columns)
            {
                double[] expected = [.. golden.GetProperty(list).EnumerateArray().SelectMany(item => item.Numbers(property))];
                Compare(model.Read(field), expected, $"{list}.{property}");
            }
        }

        IEnumerable<string> Names(string kind, string count) => Enumerable.Range(0, (int)model.Read(count)[0]).Select(i => model.NameOf(kind, i));
    }

    private static void Compare(double[] actual, double[] expected, string what) => Numeric.AssertClose(actual, expected, 1e-9, what);

    // A null tolerance marks a chaotic stretch that is not comparable.
    private static void AssertWithin(ReadOnlySpan<double> actual, double[] expected, double? tolerance, string what)
    {
        if (tolerance is { } t)
            Assert.That(actual.ToArray(), Is.EqualTo(expected).Within(t), what);
    }
}
