using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.DependencyInjection;

public sealed class AddSafeMarlTests
{
    [Test]
    public void Options_OfATrainer_AreBoundByItsName()
    {
        using ServiceProvider provider = Provider(
            ("Trainers:Mafocops:CostLimit", "30"), ("Trainers:Mafocops:Lambda", "1.7"), ("Trainers:Mafocops:Activation", "Tanh"), ("Trainers:Mafocops:CostLimits:wall", "25"),
            ("Trainers:Mappo:ShareParameters", "false"));
        var monitor = provider.GetRequiredService<IOptionsMonitor<MafocopsOptions>>();

        Assert.Multiple(() =>
        {
            Assert.That((monitor.CurrentValue.CostLimit, monitor.CurrentValue.Lambda, monitor.CurrentValue.Activation), Is.EqualTo((30.0, 1.7, Activation.Tanh)));
            Assert.That(monitor.CurrentValue.CostLimits["wall"], Is.EqualTo(25));
            Assert.That(monitor.Get("Mafocops").Lambda, Is.EqualTo(1.7));
            Assert.That(monitor.CurrentValue.Delta, Is.EqualTo(0.0125), "what the section does not name keeps its default");
            Assert.That(provider.GetRequiredService<IOptionsMonitor<MappoOptions>>().CurrentValue.ShareParameters, Is.False);
        });
    }

    [Test]
    public void Options_OfMas3ac_CanHaveRatesAndChoicesByName()
    {
        using ServiceProvider provider = Provider(
            ("Trainers:Mas3ac:ActorLearningRates:0", "0.002"), ("Trainers:Mas3ac:ActorLearningRates:1", "0.0005"), ("Trainers:Mas3ac:Information", "Neighborhood"), ("Trainers:Mas3ac:NeighborhoodSize", "1"));
        Mas3acOptions options = provider.GetRequiredService<IOptionsMonitor<Mas3acOptions>>().CurrentValue;

        Assert.Multiple(() =>
        {
            Assert.That(options.ActorLearningRates, Is.EqualTo(new[] { 0.002, 0.0005 }));
            Assert.That((options.Information, options.NeighborhoodSize), Is.EqualTo((CriticInformation.Neighborhood, 1)));
        });
    }

    [Test]
    public void Start_WithAnOptionOutsideItsRange_FailsAndNamesIt()
    {
        using ServiceProvider provider = Provider(("Trainers:Mafocops:CostLimit", "30"), ("Trainers:Mafocops:Gamma", "1.5"));

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Gamma is '1.5'"));
    }

    [Test]
    public void Start_WithoutTheRequiredLimit_Fails()
    {
        using ServiceProvider provider = Provider(("Trainers:Mafocops:Lambda", "2"));

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.TypeOf<OptionsValidationException>().With.Message.Contains("CostLimit"));
    }

    [Test]
    public void Start_WithAnUnknownKey_FailsAndNamesIt()
    {
        using ServiceProvider provider = Provider(("Trainers:Mafocops:CostLimit", "30"), ("Trainers:Mafocops:Lamda", "2"));

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.InvalidOperationException.With.Message.Contains("Lamda"));
    }

    [Test]
    public void Start_WithoutASection_Succeeds()
    {
        using ServiceProvider provider = Provider(("Trainers:Mappo:Epochs", "3"));

        Assert.That(() => provider.GetRequiredService<IStartupValidator>().Validate(), Throws.Nothing);
    }

    [Test]
    public void Trainer_FromTheContainer_EqualsOneMadeByHand()
    {
        using ServiceProvider provider = Provider(
            ("Seed", "9"), ("Trainers:Mafocops:CostLimit", "2"), ("Trainers:Mafocops:TotalSteps", "90"), ("Trainers:Mafocops:Environments", "5"), ("Trainers:Mafocops:RolloutSteps", "9"),
            ("Trainers:Mafocops:HiddenSize", "8"), ("Trainers:Mafocops:Device", "cpu"));
        PolicyTransformer injected = provider.GetRequiredService<MafocopsTrainer>().Fit(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes));
        var options = new MafocopsOptions { CostLimit = 2, TotalSteps = 90, Environments = 5, RolloutSteps = 9, HiddenSize = 8, Device = "cpu" };
        PolicyTransformer byHand = new MLContext(9).SafeMarl().Trainers.Mafocops(options).Fit(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes));

        Assert.That(PolicyHash.Of(injected.Policy), Is.EqualTo(PolicyHash.Of(byHand.Policy)));
    }

    [Test]
    public void EveryTrainer_CanBeResolved()
    {
        using ServiceProvider provider = Provider([.. TrainerInfo.All.Where(a => a.CreateOptions() is IConstrainedOptions).Select(a => ($"Trainers:{a.Name}:CostLimit", "2"))]);

        Assert.That(TrainerInfo.All.Select(a => provider.GetRequiredService(a.TrainerType).GetType()), Is.EqualTo(TrainerInfo.All.Select(a => a.TrainerType)));
    }

    [Test]
    public void Options_ChangedWhileRunning_ReachTheNextTrainer()
    {
        IConfigurationRoot configuration = Configuration(
            ("Trainers:Mappo:TotalSteps", "8"), ("Trainers:Mappo:Environments", "2"), ("Trainers:Mappo:RolloutSteps", "4"), ("Trainers:Mappo:HiddenSize", "4"), ("Trainers:Mappo:Device", "cpu"));
        using ServiceProvider provider = new ServiceCollection().AddSafeMarl(configuration).BuildServiceProvider();
        long before = Steps();
        configuration["Trainers:Mappo:TotalSteps"] = "16";
        configuration.Reload();

        Assert.That((before, Steps()), Is.EqualTo((8L, 16L)));

        long Steps() => provider.GetRequiredService<MappoTrainer>().Fit(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes)).Policy.Origin.Steps;
    }

    private static ServiceProvider Provider(params (string Key, string Value)[] values) => new ServiceCollection().AddSafeMarl(Configuration(values)).BuildServiceProvider();

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Key, v => (string?)v.Value)).Build();
}
