using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits policies with HAPPO, which maximises the reward in turns and knows no constraints; costs are reported all the same.</summary>
public sealed class HappoTrainer : SafeMarlTrainer
{
    private readonly HappoOptions _options;

    internal HappoTrainer(MLContext mlContext, HappoOptions options) : this(Copy(options), mlContext) { }

    private HappoTrainer(HappoOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Happo, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, costLimits: new Dictionary<string, double>());
        using var algorithm = new Happo(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
