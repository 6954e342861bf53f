using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML;
using SafeMarl.ML.Trainers;
using RangeAttribute = System.ComponentModel.DataAnnotations.RangeAttribute;

namespace SafeMarl.ML.Tests.Trainers;

public sealed class OptionsTests
{
    private static IEnumerable<TestCaseData> AllOptions() => TrainerInfo.All.Select(a => new TestCaseData(a.CreateOptions()).SetArgDisplayNames(a.OptionsType.Name));

    private static IEnumerable<TestCaseData> RangedProperties() =>
        from info in TrainerInfo.All
        from property in info.OptionsType.GetProperties()
        where property.GetCustomAttribute<RangeAttribute>() is not null
        select new TestCaseData(info, property.Name).SetArgDisplayNames(info.Name, property.Name);

    [TestCaseSource(nameof(AllOptions))]
    public void Defaults_LieInTheirOwnRanges(object options)
    {
        string[] problems = [.. OptionsValidation.Problems(options).Where(p => !p.Contains("CostLimit", StringComparison.Ordinal))];

        Assert.That(problems, Is.Empty);
    }

    [TestCaseSource(nameof(AllOptions))]
    public void Ranges_OfRealNumbers_AreRealNumbersThemselves(object options)
    {
        // [Range(0, 1)] would round the value to an integer before it is compared.
        string[] wrong = [.. options.GetType().GetProperties()
            .Where(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) == typeof(double))
            .Where(p => p.GetCustomAttribute<RangeAttribute>() is not { } range || range.OperandType != typeof(double)).Select(p => p.Name)];

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(RangedProperties))]
    public void Value_OutsideItsRange_IsAnErrorThatNamesPropertyValueAndRange(object info, string property)
    {
        var algorithm = (TrainerInfo)info;
        TrainingOptions options = WithLimit(algorithm.CreateOptions());
        PropertyInfo p = options.GetType().GetProperty(property)!;
        Type type = Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType;
        object below = Convert.ChangeType(Convert.ToDouble(p.GetCustomAttribute<RangeAttribute>()!.Minimum, CultureInfo.InvariantCulture) - 1, type, CultureInfo.InvariantCulture);
        p.SetValue(options, below);

        Assert.That(() => algorithm.Create(new MLContext(1), options),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains($"{options.GetType().Name}.{property} is '{below}'").And.Message.Contains("between"));
    }

    [Test]
    public void NaN_IsOutsideEveryRange() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(new MafocopsOptions { CostLimit = 1, Lambda = double.NaN }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("Lambda"));

    [Test]
    public void CostLimit_Missing_IsAnError() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(new MafocopsOptions()), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("CostLimit").And.Message.Contains("required"));

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void CostLimits_WithAnImpossibleLimit_IsAnError(double limit) =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(new MafocopsOptions { CostLimits = { ["wall"] = limit } }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("wall"));

    [Test]
    public void Activation_ThatDoesNotExist_ListsThoseThatDo() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mappo(new MappoOptions { Activation = (Activation)9 }),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("MappoOptions.Activation is '9'").And.Message.Contains("ReLU"));

    [Test]
    public void CostLimits_ThatAreNull_AreAnError() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(new MafocopsOptions { CostLimits = null! }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("CostLimits"));

    [Test]
    public void InitialMultiplier_AboveTheLargest_IsAnError() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mafocops(new MafocopsOptions { CostLimit = 1, InitialMultiplier = 2, MaxMultiplier = 1 }),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("InitialMultiplier is '2'").And.Message.Contains("MaxMultiplier"));

    [Test]
    public void Trainer_CopiesItsOptions()
    {
        var options = new MafocopsOptions { CostLimit = 1, TotalSteps = 8, Environments = 2, RolloutSteps = 4, HiddenSize = 4, Device = "cpu", Seed = 1 };
        MafocopsTrainer trainer = new MLContext(1).SafeMarl().Trainers.Mafocops(options);
        options.TotalSteps = 100_000_000;
        options.CostLimits["nothing"] = 1;
        PolicyTransformer policy = trainer.Fit(() => new Support.ToyEnvironment(Support.ToyEnvironment.Kind.SharedBoxes));

        Assert.That(policy.Policy.Origin.Steps, Is.EqualTo(8));
    }

    [Test]
    public void IsaacGymPreset_HasTheSecondColumnOfThePapersTable()
    {
        MafocopsOptions preset = MafocopsOptions.MultiAgentIsaacGym;

        Assert.That((preset.Lambda, preset.MaxMultiplier, preset.MultiplierLearningRate, preset.Delta, preset.MinibatchSize, preset.Epochs), Is.EqualTo((2, 1.4, 1e-3, 0.01, 8192, 3)));
    }

    [Test]
    public void MafocopsDefaults_AreThoseOfThePaper()
    {
        var options = new MafocopsOptions();

        Assert.That((options.Lambda, options.MaxMultiplier, options.MultiplierLearningRate, options.Delta, options.MinibatchSize, options.Epochs), Is.EqualTo((2.2, 1.3, 5e-5, 0.0125, 256, 5)));
    }

    [Test]
    public void Mas3acDefaults_AreThoseOfThePaper()
    {
        var options = new Mas3acOptions();

        Assert.Multiple(() =>
        {
            Assert.That((options.Gamma, options.Tau, options.InitialTemperature, options.TemperatureLearningRate), Is.EqualTo((0.99, 0.005, 0.2, 3e-4)));
            Assert.That((options.PolicyInterval, options.CriticLearningRate, options.BatchSize, options.ReplayCapacity, options.ReturnSteps), Is.EqualTo((2, 0.002, 1000, 1_000_000, 1)));
            Assert.That((options.HiddenSize, options.HiddenLayers, options.Activation, options.LastActivation, options.Initialization),
                Is.EqualTo((256, 2, Activation.ReLU, Activation.Tanh, Initialization.Orthogonal)));
        });
    }

    [Test]
    public void PublishedMacpo_IsTheOfficialCodeAndScript()
    {
        MacpoOptions preset = MacpoOptions.Published;

        Assert.Multiple(() =>
        {
            Assert.That((preset.KlThreshold, preset.StepFraction, preset.LineSearchDecay, preset.MaxStepNorm, preset.Minibatches, preset.CriticEpochs), Is.EqualTo((0.0065, 0.27, 0.5, (double?)0.5, 40, 1)));
            Assert.That((preset.Ratio, preset.Divergence, preset.Units, preset.WeighCosts, preset.PublishedCritics),
                Is.EqualTo((ActionRatio.PerDimension, DivergenceFormula.Published, ConstraintUnits.Published, true, true)));
            Assert.That((preset.Environments, preset.RolloutSteps, preset.CriticLearningRate, preset.ValueClip, preset.HuberDelta), Is.EqualTo((16, 1000, 5e-3, (double?)0.2, 10.0)));
        });
    }

    [Test]
    public void MappoLagrangianMultiplier_BeginningAboveItsBound_IsAnError() =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.MappoLagrangian(new MappoLagrangianOptions { CostLimit = 1, InitialMultiplier = 2, MaxMultiplier = 1 }),
            Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("InitialMultiplier is '2'").And.Message.Contains("MaxMultiplier"));

    private static IEnumerable<TestCaseData> ContradictoryMas3acOptions() =>
    [
        new TestCaseData(new Mas3acOptions { ActorLearningRate = 9e-4 }, "ActorLearningRateSpan").SetArgDisplayNames("a span of two thirds of the rate"),
        new TestCaseData(new Mas3acOptions { ActorLearningRates = [1e-3, 0] }, "ActorLearningRates").SetArgDisplayNames("a policy that does not learn"),
        new TestCaseData(new Mas3acOptions { MultiplierLearningRates = [-1] }, "MultiplierLearningRates").SetArgDisplayNames("a negative multiplier's rate"),
        new TestCaseData(new Mas3acOptions { MultiplierLearningRates = null! }, "MultiplierLearningRates").SetArgDisplayNames("no list"),
        new TestCaseData(new Mas3acOptions { InitialMultiplier = 5, MaxMultiplier = 4 }, "InitialMultiplier").SetArgDisplayNames("a multiplier that begins above its bound"),
    ];

    [TestCaseSource(nameof(ContradictoryMas3acOptions))]
    public void Mas3acOptions_ThatContradictEachOther_AreAnErrorThatNamesOne(Mas3acOptions options, string option) =>
        Assert.That(() => new MLContext(1).SafeMarl().Trainers.Mas3ac(options), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains($"Mas3acOptions.{option}"));

    [TestCaseSource(nameof(AllOptions))]
    public void Options_ThroughJson_ComeBackEqual(object options)
    {
        string json = JsonSerializer.Serialize(options, options.GetType());

        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize(json, options.GetType()), options.GetType()), Is.EqualTo(json));
    }

    [TestCaseSource(nameof(AllOptions))]
    public void EveryOption_IsReadSomewhereInTheLibrary(object options)
    {
        // An algorithm's options are read by its own files, those of its family by the family's loop and parts, and those of all runs by the base of the trainers.
        string algorithm = options.GetType().Name[..^"Options".Length];
        string[] readers = ["SafeMarlTrainer", .. options is OffPolicyOptions ? new[] { "OffPolicyLoop", "UpdateSchedule", "OffPolicySettings", "TimescaleRates" }
            : options is ValueFactorizationOptions ? ["EpisodeLoop", "ValueFactorizationTrainer", "ValueFactorizationSettings"]
            : options is OnPolicyOptions ? ["OnPolicySettings"] : []];
        string[] source = SourceTree.Files("src/SafeMarl.ML")
            .Where(f => Path.GetFileNameWithoutExtension(f) is var name && name != options.GetType().Name && (name.StartsWith(algorithm, StringComparison.Ordinal) || readers.Contains(name)))
            .Select(File.ReadAllText).ToArray();
        string[] unread = [.. options.GetType().GetProperties().Select(p => p.Name).Where(name => !source.Any(text => text.Contains($"ptions.{name}", StringComparison.Ordinal)))
            .Where(name => name is not ("CostLimit" or "CostLimits" or "MultiAgentIsaacGym" or "Published"))]; // limits are read by ConstrainedOptions.LimitOf

        Assert.That(unread, Is.Empty);
    }

    [Test]
    public void Find_OfAnUnknownAlgorithm_ListsTheKnownOnes() =>
        Assert.That(() => TrainerInfo.Find("Magic"), Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("Mafocops, Macpo, Mappo"));

    private static TrainingOptions WithLimit(TrainingOptions options)
    {
        options.GetType().GetProperty("CostLimit")?.SetValue(options, 1.0);
        return options;
    }
}
