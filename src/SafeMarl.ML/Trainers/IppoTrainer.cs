using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits policies with IPPO: every agent learns by itself from what it observes, without constraints; costs are reported all the same.</summary>
public sealed class IppoTrainer : SafeMarlTrainer
{
    private readonly IppoOptions _options;

    internal IppoTrainer(MLContext mlContext, IppoOptions options) : this(Copy(options), mlContext) { }

    private IppoTrainer(IppoOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Ippo, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, costLimits: new Dictionary<string, double>());
        using Mappo algorithm = Ippo.Create(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
