using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits policies with MAPPO, which maximises the reward and knows no constraints; costs are reported all the same.</summary>
public sealed class MappoTrainer : SafeMarlTrainer
{
    private readonly MappoOptions _options;

    internal MappoTrainer(MLContext mlContext, MappoOptions options) : this(Copy(options), mlContext) { }

    private MappoTrainer(MappoOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Mappo, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, costLimits: new Dictionary<string, double>());
        using var algorithm = new Mappo(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
