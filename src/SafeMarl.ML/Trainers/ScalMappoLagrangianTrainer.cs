using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits constrained policies with Scal-MAPPO-Lagrangian, a reconstruction: MAPPO-Lagrangian in which agents look no further than their neighbourhood.</summary>
public sealed class ScalMappoLagrangianTrainer : SafeMarlTrainer
{
    private readonly ScalMappoLagrangianOptions _options;

    internal ScalMappoLagrangianTrainer(MLContext mlContext, ScalMappoLagrangianOptions options) : this(Copy(options), mlContext) { }

    private ScalMappoLagrangianTrainer(ScalMappoLagrangianOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.ScalMappoLagrangian, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, _options.LimitsOf(vector.Spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name)));
        using var algorithm = new ScalMappoLagrangian(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
