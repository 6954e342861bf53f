using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits constrained policies with MAPPO-Lagrangian: agents take turns on their reward minus their costs, priced by multipliers.</summary>
public sealed class MappoLagrangianTrainer : SafeMarlTrainer
{
    private readonly MappoLagrangianOptions _options;

    internal MappoLagrangianTrainer(MLContext mlContext, MappoLagrangianOptions options) : this(Copy(options), mlContext) { }

    private MappoLagrangianTrainer(MappoLagrangianOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.MappoLagrangian, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.Threads);
        RunPlan plan = setup.Plan(vector.Spec, _options.InputNorm, _options.LimitsOf(vector.Spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name)));
        using var algorithm = new MappoLagrangian(TaskShapes.Of(vector.Spec), _options, setup.Threads, setup.Seed, setup.Placement);
        return new OnPolicyLoop(plan, vector, _options.RolloutSteps, algorithm).Train();
    }
}
