using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>
/// Fits constrained policies with MACPO: agents take turns in steps of a trust region, each keeping the expected cost of an episode under its
/// limits.
/// </summary>
public sealed class MacpoTrainer : SafeMarlTrainer
{
    private readonly MacpoOptions _options;

    internal MacpoTrainer(MLContext mlContext, MacpoOptions options) : this(Copy(options), mlContext) { }

    private MacpoTrainer(MacpoOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Macpo, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, _options.LimitsOf(vector.Spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name)));
        using var algorithm = new Macpo(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
