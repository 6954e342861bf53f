using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits policies with HASAC, which maximises reward and entropy of all agents together and knows no constraints; costs are reported all the same.</summary>
public sealed class HasacTrainer : SafeMarlTrainer
{
    private readonly HasacOptions _options;

    internal HasacTrainer(MLContext mlContext, HasacOptions options) : this(Copy(options), mlContext) { }

    private HasacTrainer(HasacOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Hasac, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.CollectingThreads);
        RunPlan plan = setup.Plan(vector.Spec, inputNorm: false, costLimits: new Dictionary<string, double>());
        using var algorithm = new Hasac(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OffPolicyLoop(plan, vector, _options, algorithm).Train();
    }
}
