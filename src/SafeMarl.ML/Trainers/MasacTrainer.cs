using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits policies with independent soft actor-critics, which know no constraints; costs are reported all the same.</summary>
public sealed class MasacTrainer : SafeMarlTrainer
{
    private readonly MasacOptions _options;

    internal MasacTrainer(MLContext mlContext, MasacOptions options) : this(Copy(options), mlContext) { }

    private MasacTrainer(MasacOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Masac, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.CollectingThreads);
        RunPlan plan = setup.Plan(vector.Spec, inputNorm: false, costLimits: new Dictionary<string, double>());
        using var algorithm = new Masac(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OffPolicyLoop(plan, vector, _options, algorithm).Train();
    }
}
