// A task of your own: describe it (Crossing.cs), check it, train with and without the limit, and see what the limit does.
using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.Samples;

long steps = args is ["--steps", var text] ? long.Parse(text) : 200_000;

// Says what a task does wrong before hours are spent on training: not finite, negative costs, not deterministic, allocating ...
EnvironmentChecker.Check(() => new Crossing()).ThrowIfFailed();

var mlContext = new MLContext(seed: 1);
IDataView crossing = mlContext.SafeMarl().LoadFromEnvironment(() => new Crossing());
SafeMarlTrainers trainers = mlContext.SafeMarl().Trainers;
Report("MAPPO, unconstrained", trainers.Mappo(new MappoOptions { TotalSteps = steps, Seed = 1, Environments = 16, RolloutSteps = 200, Minibatches = 8, InputNorm = false }));
Report("MAFOCOPS, limit 0.2", trainers.Mafocops(new MafocopsOptions
{
    TotalSteps = steps, Seed = 1, CostLimit = 0.2, Environments = 16, RolloutSteps = 200, ActorLearningRate = 3e-4, Delta = 0.05,
    InputNorm = false, // a LayerNorm of two positions would leave only which is larger
    MultiplierLearningRate = 0.1, MaxMultiplier = 10, // at least as fast as the policies
}));

void Report(string name, SafeMarlTrainer trainer)
{
    PolicyTransformer policy = trainer.Fit(crossing);
    SafeMarlMetrics metrics = mlContext.SafeMarl().Evaluate(policy, crossing, new EvaluationOptions { Episodes = 200, CostLimits = new Dictionary<string, double> { ["conflict"] = 0.5 } });
    Console.WriteLine($"{name}: return {metrics.Return}, cost {metrics.Cost}, conflicts in {metrics.Violations} of {metrics.Episodes} episodes (rate below {metrics.ViolationRateUpperBound:0.###})");
}
