using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>
/// Fits policies with MAS3AC: soft actor-critics whose policies are held by learned certificates to keep every cost at 0 in every state, and to
/// go to the task's equilibrium and stay there.
/// </summary>
public sealed class Mas3acTrainer : SafeMarlTrainer
{
    private readonly Mas3acOptions _options;

    internal Mas3acTrainer(MLContext mlContext, Mas3acOptions options) : this(Copy(options), mlContext) { }

    private Mas3acTrainer(Mas3acOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Mas3ac, own) => _options = own;

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(setup.Environment, _options.Environments, setup.CollectingThreads);
        RunPlan plan = setup.Plan(vector.Spec, inputNorm: false, vector.Spec.Agents.SelectMany(a => a.Costs).Select(c => c.Name).Distinct().ToDictionary(c => c, _ => 0.0));
        if (_options.UseStability && !vector.Spec.HasDeviation)
            setup.Log.Info($"{vector.Spec.Name} reports no deviation: policies are held to its costs only.");
        if (_options.DisturbanceGain > 0 && !vector.Spec.HasDisturbance)
            setup.Log.Warning($"{vector.Spec.Name} reports no disturbance: DisturbanceGain has no effect.");
        using var algorithm = new Mas3ac(TaskShapes.Of(vector.Spec), _options, new UpdateSchedule(_options).Total, setup.Threads, setup.Seed, setup.Placement);
        return new OffPolicyLoop(plan, vector, _options, algorithm).Train();
    }
}
