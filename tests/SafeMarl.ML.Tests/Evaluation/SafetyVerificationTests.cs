using System.Collections.Concurrent;
using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.Environments.Games;
using SafeMarl.Environments.Skirmish;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Evaluation;

public sealed class SafetyVerificationTests
{
    private static readonly DateTimeOffset Today = new(2026, 11, 26, 15, 0, 0, TimeSpan.Zero);

    private readonly MLContext _mlContext = new(1);

    /// <summary>A clock that stands still.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Today;
    }

    [Test]
    public void Verify_CountsTheAgentsThatAreLost()
    {
        var seeds = new ConcurrentBag<long>();
        SafetyVerification verification = Verify(new VerificationOptions { Episodes = 400, MaxLosses = 1, Exceedances = 3, Confidence = 0.9 }, () => new Expedition(seeds: seeds));
        SafetyCard card = verification.Card;
        int[] planned = [.. seeds.Select(Expedition.LossesOf)];

        Assert.Multiple(() =>
        {
            Assert.That(verification.Losses.Order(), Is.EqualTo(planned.Order()));
            Assert.That((card.Task, card.Cost, card.Episodes, card.MaxLosses, card.Confidence, card.Deterministic, card.Seed), Is.EqualTo(("Expedition", (string?)null, 400, 1.0, 0.9, true, new VerificationOptions().Seed)));
            Assert.That(card.UnsafeEpisodes, Is.EqualTo(planned.Count(l => l > 1)).And.InRange(100, 170), "a third, by the odds");
            Assert.That(card.MeanLosses, Is.EqualTo(planned.Average()).Within(1e-12));
            Assert.That(card.Epsilon, Is.EqualTo(ScenarioBounds.BinomialTail(card.UnsafeEpisodes, 400, 0.1)).Within(1e-12));
            Assert.That(card.ChosenLimit, Is.EqualTo(new ChosenLimit(3, 3, card.ChosenLimit.Epsilon)), "more than three episodes lose all");
            Assert.That(card.ChosenLimit.Epsilon, Is.EqualTo(ScenarioBounds.BinomialTail(3, 400, 0.1)).Within(1e-12));
            Assert.That(card.Theorem.Parameters, Is.EqualTo(6), "three agents of equal weights");
            Assert.That(card.Theorem.Epsilon, Is.EqualTo(ScenarioBounds.Theorem52(card.UnsafeEpisodes, 400, 6, 0.1)!.Value).Within(1e-12).And.GreaterThan(card.Epsilon));
            Assert.That(card.LibraryVersion, Is.EqualTo("1.0.0"));
            Assert.That(verification.Policy.Policy.SafetyCard, Is.EqualTo(card));
        });
    }

    [Test]
    public void Verify_ByItsNamedArguments_IsTheSame()
    {
        PolicyTransformer policy = _mlContext.SafeMarl().FromPolicy(Expedition.IdlePolicy());
        SafetyCard card = _mlContext.SafeMarl().Verify(policy, View(() => new Expedition()), episodes: 30, confidence: 0.8, maxLosses: 2).Card;

        Assert.That(card with { Date = Today }, Is.EqualTo(Verify(new VerificationOptions { Episodes = 30, Confidence = 0.8, MaxLosses = 2 }).Card));
    }

    [TestCase(false, 4.5)] // 3 agents x 3 steps x 0.5
    [TestCase(true, 1.5)] // the same cost, reported three times
    public void Verify_OfACost_SumsItOverStepsAndOverAgentsThatHaveTheirOwn(bool shared, double expected)
    {
        SafetyVerification verification = Verify(new VerificationOptions { Episodes = 4, Cost = "effort", MaxLosses = expected }, () => new Expedition(shared));

        Assert.That(verification.Losses, Is.All.EqualTo(expected));
        Assert.That((verification.Card.UnsafeEpisodes, verification.Card.Counted), Is.EqualTo((0, "cost 'effort'")), "as much as the limit is not above it");
        Assert.That(Verify(new VerificationOptions { Episodes = 4, Cost = "effort", MaxLosses = expected - 0.1 }, () => new Expedition(shared)).Card.UnsafeEpisodes, Is.EqualTo(4));
    }

    /// <summary>Where a task does not say which agents are lost, its only cost is counted; an episode that terminates is not a loss.</summary>
    [Test]
    public void Verify_OfATaskThatLosesNoAgents_CountsItsOnlyCost()
    {
        SafetyCard card = Verify(new VerificationOptions { Episodes = 40, MaxLosses = 7 }, () => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes), ToyPolicy()).Card;

        Assert.That((card.Cost, card.UnsafeEpisodes), Is.EqualTo(("far", 0)), "agents that stand still begin far from the edge");
    }

    [Test]
    public void Verify_OfATaskWithSeveralCosts_AsksWhichOne() => Assert.That(
        () => Verify(new VerificationOptions { Episodes = 4 }, () => new ConstrainedTwoStepGame(), TestPolicies.Box(1, 1)),
        Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("VerificationOptions.Cost is null").And.Message.Contains("entry, strain").And.Message.Contains("ILosableAgents"));

    [Test]
    public void Verify_WithTheSeedOfAnEvaluation_PlaysOtherEpisodes()
    {
        ConcurrentBag<long> evaluated = [], verified = [];
        _mlContext.SafeMarl().Evaluate(_mlContext.SafeMarl().FromPolicy(Expedition.IdlePolicy()), View(() => new Expedition(seeds: evaluated)), new EvaluationOptions { Episodes = 50, Seed = 7 });
        Verify(new VerificationOptions { Episodes = 50, Seed = 7 }, () => new Expedition(seeds: verified));

        Assert.That(verified, Has.Count.EqualTo(50).And.Unique);
        Assert.That(verified.Intersect(evaluated), Is.Empty);
    }

    [Test]
    public void Verify_OnAnyNumberOfThreads_GivesTheSame()
    {
        SafetyVerification one = Verify(new VerificationOptions { Episodes = 60, WorkerThreads = 1 }), three = Verify(new VerificationOptions { Episodes = 60, WorkerThreads = 3 });

        Assert.That(three.Card, Is.EqualTo(one.Card));
        Assert.That(three.Losses, Is.EqualTo(one.Losses));
        Assert.That(Verify(new VerificationOptions { Episodes = 60, Seed = 4 }).Losses, Is.Not.EqualTo(one.Losses));
    }

    [Test]
    public void Verify_OfOneOfSeveralCandidates_SharesTheRisk()
    {
        SafetyCard alone = Verify(new VerificationOptions { Episodes = 100, MaxLosses = 2, Exceedances = 5 }).Card, five = Verify(new VerificationOptions { Episodes = 100, MaxLosses = 2, Exceedances = 5, Candidates = 5 }).Card;

        Assert.That(five.Epsilon, Is.EqualTo(ScenarioBounds.BinomialTail(alone.UnsafeEpisodes, 100, 0.01)).Within(1e-12).And.GreaterThan(alone.Epsilon));
        Assert.That(five.ChosenLimit.Epsilon, Is.EqualTo(ScenarioBounds.BinomialTail(5, 100, 0.01)).Within(1e-12));
    }

    [Test]
    public void Verify_OfATaskThatIsNotRandom_SaysThatAllEpisodesAreOne()
    {
        Assert.That(Verify(new VerificationOptions { Episodes = 9 }, () => new Expedition(sameEveryTime: true)).Card.DistinctEpisodes, Is.EqualTo(1));
        Assert.That(Verify(new VerificationOptions { Episodes = 200 }).Card.DistinctEpisodes, Is.EqualTo(4), "none, one, two or three are lost");
    }

    [Test]
    public void Statements_SayWhatHoldsAndWhatIsVacuous()
    {
        SafetyCard many = Verify(new VerificationOptions { Episodes = 400, MaxLosses = 2 }).Card, few = Verify(new VerificationOptions { Episodes = 5, MaxLosses = 2 }).Card;
        SafetyCard hopeless = Verify(new VerificationOptions { Episodes = 5, Cost = "effort" }).Card;

        Assert.Multiple(() =>
        {
            Assert.That(many.Theorem.IsVacuous, Is.False);
            Assert.That(many.TheoremStatement, Does.Contain("6 parameters").And.Not.Contain("vacuous"));
            Assert.That(few.Theorem, Is.EqualTo(new TheoremComparison(6, null)));
            Assert.That(few.TheoremStatement, Does.Contain("vacuous").And.Contain($"k + m - 1 = {few.UnsafeEpisodes + 5}").And.Contain("N = 5"));
            Assert.That(hopeless.Statement, Does.Contain("All 5 episodes").And.Contain("no bound below 100%"));
            Assert.That((many with { Epsilon = 0.0295130496, Confidence = 0.95 }).Statement, Is.EqualTo("With 95% confidence, at most 2.9514% of such episodes have agents lost above 2."), "rounded up");
            Assert.That((many with { ChosenLimit = new ChosenLimit(10, 2, 1e-9) }).ChosenStatement, Does.Contain("at most 0.0001%").And.Contain("at most 10 of them"));
            Assert.That((many with { Confidence = 1 - 1e-9 }).Statement, Does.StartWith("With 99.9999999% confidence"), "not 100%");
            Assert.That((many with { Theorem = new TheoremComparison(390, 1) }).TheoremStatement, Does.Contain("vacuous"), "1 to all digits");
        });
    }

    [TestCase("Episodes", 0)]
    [TestCase("Confidence", 1)]
    [TestCase("Confidence", double.NaN)]
    [TestCase("MaxLosses", -1)]
    [TestCase("MaxLosses", double.PositiveInfinity)]
    [TestCase("MaxLosses", 3)] // of three agents
    [TestCase("Exceedances", -1)]
    [TestCase("Exceedances", 10)]
    [TestCase("Candidates", 0)]
    [TestCase("WorkerThreads", -1)]
    public void Verify_WithAnOptionOutsideItsRange_NamesItAndTheRange(string option, double value)
    {
        var good = new VerificationOptions { Episodes = 10 };
        VerificationOptions options = option switch
        {
            "Episodes" => good with { Episodes = (int)value },
            "Confidence" => good with { Confidence = value },
            "MaxLosses" => good with { MaxLosses = value },
            "Exceedances" => good with { Exceedances = (int)value },
            "Candidates" => good with { Candidates = (int)value },
            _ => good with { WorkerThreads = (int)value },
        };

        Assert.That(() => Verify(options), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains($"VerificationOptions.{option} is {value}; it must be"));
    }

    [Test]
    public void Verify_OfSomethingUnfit_SaysWhat() => Assert.Multiple(() =>
    {
        Assert.That(() => Verify(new VerificationOptions { Cost = "harm" }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("'harm'").And.Message.Contains("effort, none"));
        Assert.That(() => Verify(new VerificationOptions { TimeProvider = null! }), Throws.TypeOf<InvalidOptionsException>().With.Message.Contains("TimeProvider"));
        Assert.That(() => Verify(new VerificationOptions(), () => new Expedition(), TestPolicies.Box(3, 2)), Throws.TypeOf<SafeMarlException>().With.Message.Contains("does not fit"));
        Assert.That(() => Verify(new VerificationOptions(), () => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes) { PoisonCostAt = 2 }, ToyPolicy()), Throws.TypeOf<EnvironmentException>().With.Message.Contains("cost 'far'"));
        Assert.That(() => _mlContext.SafeMarl().Verify(_mlContext.SafeMarl().FromPolicy(ToyPolicy()), _mlContext.Data.TakeRows(View(() => new Expedition()), 1)), Throws.ArgumentException.With.Message.Contains("LoadFromEnvironment"));
    });

    [Test]
    public void Card_InEitherFile_ComesBack()
    {
        using var folder = new TemporaryFolder();
        PolicyTransformer policy = Verify(new VerificationOptions { Episodes = 20, MaxLosses = 1 }).Policy;
        _mlContext.Model.Save(policy, View(() => new Expedition()).Schema, folder["model.zip"]);
        policy.Policy.Save(folder["policy.safetensors"]);
        PolicyTransformer model = _mlContext.SafeMarl().LoadPolicy(folder["model.zip"]), file = _mlContext.SafeMarl().LoadPolicy(folder["policy.safetensors"]);
        _mlContext.Model.Save(file, View(() => new Expedition()).Schema, folder["again.zip"]);
        Policy again = PolicyTransformer.From(_mlContext, _mlContext.Model.Load(folder["again.zip"], out _)).Policy;

        Assert.Multiple(() =>
        {
            Assert.That(policy.Policy.SafetyCard!.Date, Is.EqualTo(Today));
            Assert.That(model.Policy.SafetyCard, Is.EqualTo(policy.Policy.SafetyCard));
            Assert.That(file.Policy.SafetyCard, Is.EqualTo(policy.Policy.SafetyCard));
            Assert.That(again.SafetyCard, Is.EqualTo(policy.Policy.SafetyCard));
            Assert.That(again.CountParameters(), Is.EqualTo(6), "as many as before it was stored");
        });
    }

    [Test]
    public void Card_OfAPolicyWithCertificates_OutlivesTheirCalibration()
    {
        Policy verified = Verify(new VerificationOptions { Episodes = 5 }, () => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes), ToyPolicy()).Policy.Policy;
        PolicyTransformer calibrated = _mlContext.SafeMarl().FromPolicy(verified.WithThreshold(-1));

        Assert.That(calibrated.Policy.SafetyCard, Is.Not.Null.And.EqualTo(verified.SafetyCard));
        Assert.That(calibrated.WithCertificates().Policy.SafetyCard, Is.EqualTo(verified.SafetyCard));
    }

    /// <summary>A battle's lost agents are what its cost says, and a battle that is won terminates without a loss for it.</summary>
    [Test]
    public void Verify_OfBattles_CountsTheDeadAsTheirCostDoes()
    {
        SkirmishMap map = SkirmishMap.BuiltIn("3m");
        EnvironmentSpec spec = new SkirmishBattle(map).Spec;
        // Without weights all available alternatives are equally likely.
        var network = new DenseNetwork(new NetworkShape(spec.Agents[0].ObservationSize, spec.Agents[0].ActionSpace.Count, 2, 1, Activation.ReLU, false, false));
        var policy = new Policy([network], [.. spec.Agents.Select(a => new AgentNetwork(a.Name, a.ActionSpace, PolicyHead.Categorical, 0))]);
        SafetyVerification agents = Verify(new VerificationOptions { Episodes = 30, MaxLosses = 2, Deterministic = false }, () => new SkirmishBattle(map), policy);
        SafetyVerification cost = Verify(new VerificationOptions { Episodes = 30, MaxLosses = 2, Deterministic = false, Cost = "losses" }, () => new SkirmishBattle(map), policy);

        Assert.That(agents.Losses, Is.EqualTo(cost.Losses).And.Some.GreaterThan(0));
        Assert.That((agents.Card.Counted, cost.Card.Counted), Is.EqualTo(("agents lost", "cost 'losses'")));
    }

    [Test]
    public void Load_OfAFileFromBeforeCards_HasNone()
    {
        byte[] old = PolicyBytes.Rewrite(Expedition.IdlePolicy(), ",\"Safety\":null", "");

        Assert.That(Policy.Load(new MemoryStream(old)).SafetyCard, Is.Null);
    }

    [TestCase("\"Episodes\":20", "\"Episodes\":0")]
    [TestCase("\"Episodes\":20", "\"Episodes\":-20")]
    [TestCase("\"UnsafeEpisodes\":", "\"UnsafeEpisodes\":9")]
    [TestCase("\"Confidence\":0.95", "\"Confidence\":1.95")]
    [TestCase("\"MaxLosses\":1", "\"MaxLosses\":1e999")]
    [TestCase("\"MaxLosses\":1", "\"MaxLosses\":-1")]
    [TestCase("\"Exceedances\":0", "\"Exceedances\":20")]
    [TestCase("\"Candidates\":1", "\"Candidates\":0")]
    [TestCase("\"Parameters\":6", "\"Parameters\":0")]
    [TestCase("\"Task\":\"Expedition\"", "\"Task\":null")]
    [TestCase("\"Task\":\"Expedition\",", "")]
    [TestCase("\"Date\":\"2026", "\"Date\":\"soon")]
    [TestCase("\"DistinctEpisodes\":", "\"DistinctEpisodes\":9")]
    public void Load_OfAnImpossibleCard_IsRefused(string from, string to)
    {
        byte[] bad = PolicyBytes.Rewrite(Verify(new VerificationOptions { Episodes = 20, MaxLosses = 1 }).Policy.Policy, from, to);

        Assert.That(() => Policy.Load(new MemoryStream(bad)), Throws.TypeOf<CorruptFileException>());
    }

    private SafetyVerification Verify(VerificationOptions options, Func<IMultiAgentEnvironment>? task = null, Policy? policy = null) => _mlContext.SafeMarl().Verify(
        _mlContext.SafeMarl().FromPolicy(policy ?? Expedition.IdlePolicy()), View(task ?? (() => new Expedition())), options.TimeProvider is null ? options : options with { TimeProvider = new StoppedClock() });

    private IDataView View(Func<IMultiAgentEnvironment> environment) => _mlContext.SafeMarl().LoadFromEnvironment(environment);

    // Its agents stand still.
    private static Policy ToyPolicy() => CertifiedPolicies.ForSharedBoxes();
}
