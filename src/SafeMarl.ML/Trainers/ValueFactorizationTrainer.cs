using Microsoft.ML;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Trainers;
using SafeMarl.ML.Training;

namespace SafeMarl.ML;

/// <summary>Fits recurrent policies of a team that shares a network, by a value that is factorised over its agents. Actions must be alternatives to choose from.</summary>
public abstract class ValueFactorizationTrainer : SafeMarlTrainer
{
    private readonly ValueFactorizationOptions _options;

    private protected ValueFactorizationTrainer(MLContext mlContext, string algorithm, ValueFactorizationOptions options) : base(mlContext, algorithm, options) => _options = options;

    // Newest episodes that an update needs.
    private protected virtual int NewestEpisodes => 0;

    private protected override bool Remembers => true;

    // Cost that counts lost agents, where the algorithm needs it.
    private protected virtual string? LossChannel => null;

    // Whether it must tell which agent was lost.
    private protected virtual bool LossesAreIndividual => false;

    internal abstract IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement);

    private protected override Policy Train(TrainingSetup setup)
    {
        using var vector = new VectorEnvironment(LossChannel is { } channel ? LostAgentsCost.AddTo(setup.Environment, channel, LossesAreIndividual) : setup.Environment, _options.Environments, setup.CollectingThreads);
        RunPlan plan = setup.Plan(vector.Spec, inputNorm: false, costLimits: new Dictionary<string, double>());
        using IAlgorithm<EpisodeDraw> algorithm = CreateAlgorithm(TaskShapes.Of(vector.Spec), setup.Threads, setup.Seed, setup.Placement);
        return new EpisodeLoop(plan, vector, _options, NewestEpisodes, algorithm).Train();
    }
}
