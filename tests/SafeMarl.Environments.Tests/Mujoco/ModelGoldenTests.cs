using System.Text.Json;
using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.Tests.Mujoco;

/// <summary>The compiled models against the numbers of the published ones, recorded with MuJoCo 2.2.2.</summary>
[Category("Golden")]
public sealed class ModelGoldenTests
{
    private static IEnumerable<TestCaseData> Models() => PublishedModels.Kinds.SelectMany(kind => GoldenFiles.Cases(Path.Combine("physics", "models"), kind));

    [TestCaseSource(nameof(Models))]
    public void Model_Compiled_HasTheNumbersOfTheReference(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        using MujocoModel model = MujocoModel.Load(PublishedModels.Document(golden.GetProperty("model").GetString()!));

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
}
