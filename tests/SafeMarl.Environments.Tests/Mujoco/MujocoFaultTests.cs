using System.Diagnostics;
using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.Tests.Mujoco;

public sealed class MujocoFaultTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("safemarl-mujoco").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [Test]
    public void Load_OfAMissingShim_SaysWhatToRun() =>
        Assert.That(() => MujocoLibrary.Load("/nowhere/libsafemarl_mujoco.so"),
            Throws.TypeOf<MujocoUnavailableException>().With.Message.Contains("/nowhere/libsafemarl_mujoco.so").And.Message.Contains("eng/setup.sh"));

    [Test]
    public void Load_OfAFileThatIsNoLibrary_SaysWhatToRun()
    {
        string path = Path.Combine(_folder, "libsafemarl_mujoco.so");
        File.WriteAllText(path, "not a library");

        Assert.That(() => MujocoLibrary.Load(path), Throws.TypeOf<MujocoUnavailableException>().With.Message.Contains("eng/setup.sh"));
    }

    [Test]
    public void Load_OfAShimForAnotherMujoco_NamesBothVersions() =>
        Assert.That(() => MujocoLibrary.Load(FakeShim(MujocoLibrary.AbiVersion, header: 222, runtime: 237)),
            Throws.TypeOf<MujocoUnavailableException>().With.Message.Contains("222").And.Message.Contains("237").And.Message.Contains("eng/setup.sh"));

    [Test]
    public void Load_OfAShimWithAnotherInterface_NamesBothVersions() =>
        Assert.That(() => MujocoLibrary.Load(FakeShim(abi: 99, header: 222, runtime: 222)),
            Throws.TypeOf<MujocoUnavailableException>().With.Message.Contains("99").And.Message.Contains("interface version"));

    [Test]
    public void Load_OfAShimThatLacksAFunction_NamesIt() =>
        Assert.That(() => MujocoLibrary.Load(FakeShim(MujocoLibrary.AbiVersion, header: 222, runtime: 222)),
            Throws.TypeOf<MujocoUnavailableException>().With.Message.Contains("smj_model_load"));

    [Test]
    public void FatalError_InsideMujoco_IsAnExceptionAndTheProcessLives()
    {
        for (int i = 0; i < 100; i++)
            Assert.That(() => MujocoLibrary.Default.RaiseError("provoked"), Throws.TypeOf<MujocoException>().With.Message.Contains("provoked"));
    }

    [Test]
    public void Model_WithInvalidMjcf_GivesMujocosMessage() =>
        Assert.That(() => MujocoModel.Load("<mujoco><worldbody><body/></worldbody></mujoc"), Throws.TypeOf<MujocoException>());

    [Test]
    public void Model_WithAnUnknownElement_NamesIt() =>
        Assert.That(() => MujocoModel.Load("<mujoco><worldbody><gem size='1'/></worldbody></mujoco>"), Throws.TypeOf<MujocoException>().With.Message.Contains("gem"));

    [Test]
    public void Simulation_ThatDiverges_ThrowsAndRunsOnAfterAReset()
    {
        using MujocoModel model = Pendulum();
        using var simulation = new MujocoSimulation(model);
        simulation.Reset([0], [1e11]);

        Assert.That(() => simulation.Step([0], 5), Throws.TypeOf<SimulationDivergedException>());
        Assert.That(simulation.Velocities[0], Is.EqualTo(1e11), "what is reported stays that of before the step: the silent reset does not leak");
        simulation.Reset([0.1], [0]);
        simulation.Step([0], 5);
        Assert.That(simulation.Positions[0], Is.InRange(0.05, 0.15));
    }

    [Test]
    public void Simulation_AfterDispose_RefusesToStep()
    {
        using MujocoModel model = Pendulum();
        var simulation = new MujocoSimulation(model);
        simulation.Dispose();

        Assert.That(() => simulation.Step([0], 1), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Simulation_WithTheWrongNumberOfControls_SaysHowMany()
    {
        using MujocoModel model = Pendulum();
        using var simulation = new MujocoSimulation(model);

        Assert.That(() => simulation.Step([0, 0], 1), Throws.ArgumentException.With.Message.Contains("1 controls; got 2"));
    }

    [Test]
    public void Model_AskedForAnUnknownNameOrField_NamesIt()
    {
        using MujocoModel model = Pendulum();

        Assert.Multiple(() =>
        {
            Assert.That(() => model.Find("joint", "knee"), Throws.TypeOf<MujocoException>().With.Message.Contains("knee"));
            Assert.That(() => model.Read("no_such_field"), Throws.TypeOf<MujocoException>().With.Message.Contains("no_such_field"));
            Assert.That(() => model.Declare(MujocoFeature.GeomPosition, 99), Throws.TypeOf<MujocoException>().With.Message.Contains("outside the model"));
        });
    }

    private static MujocoModel Pendulum() => MujocoModel.Load("""
        <mujoco>
          <worldbody><body pos="0 0 1"><joint name="hinge" type="hinge" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.05"/></body></worldbody>
          <actuator><motor joint="hinge"/></actuator>
        </mujoco>
        """);

    /// <summary>A shared library that reports versions and nothing else, compiled on the spot with the compiler that built the shims.</summary>
    private string FakeShim(int abi, int header, int runtime)
    {
        string source = Path.Combine(_folder, $"fake{abi}_{runtime}.c"), library = Path.ChangeExtension(source, ".so");
        File.WriteAllText(source, $"int smj_abi_version(void){{return {abi};}} int smj_header_version(void){{return {header};}} int smj_runtime_version(void){{return {runtime};}}");
        using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        Assert.That(compiler.ExitCode, Is.Zero, "compiling the fake shim");
        return library;
    }

    [Test]
    public void Model_DisposedBeforeItsSimulation_StaysUntilThatIsGone()
    {
        MujocoModel model = MujocoModel.Load(HalfCheetahModel.Document());
        using var simulation = new MujocoSimulation(model);
        model.Dispose();
        simulation.Step(new double[model.ControlCount], 5);

        Assert.That(simulation.Time, Is.EqualTo(0.05).Within(1e-12));
        Assert.That(() => new MujocoSimulation(model), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Push_OnABodyThatIsNotThere_SaysSo()
    {
        using MujocoModel model = MujocoModel.Load(HalfCheetahModel.Document());
        using var simulation = new MujocoSimulation(model);

        Assert.That(() => simulation.Push(99, [1, 0, 0]), Throws.TypeOf<MujocoException>().With.Message.Contains("outside the model"));
        Assert.That(() => simulation.Push(1, [1]), Throws.ArgumentException);
    }

    [Test]
    public void Model_WithASimulation_TakesNoMoreFeatures()
    {
        using MujocoModel model = MujocoModel.Load(HalfCheetahModel.Document());
        using (new MujocoSimulation(model))
            Assert.That(() => model.Declare(MujocoFeature.ContactForceSum), Throws.InvalidOperationException.With.Message.Contains("before simulations"));

        Assert.That(model.Declare(MujocoFeature.ContactForceSum), Is.Zero);
    }
}
