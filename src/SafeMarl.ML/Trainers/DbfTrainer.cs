using Microsoft.ML;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>Fits policies with DBF: return distributions of a team whose agents look back at what they expected, and learn from their newest episodes not to lose any of them.</summary>
public sealed class DbfTrainer : ValueFactorizationTrainer
{
    private readonly DbfOptions _options;

    internal DbfTrainer(MLContext mlContext, DbfOptions options) : this(Copy(options), mlContext) { }

    private DbfTrainer(DbfOptions own, MLContext mlContext) : base(mlContext, AlgorithmNames.Dbf, own) => _options = own;

    private protected override string? LossChannel => _options.LossChannel;

    private protected override int NewestEpisodes => _options.Published ? 0 : _options.BarrierEpisodes;

    private ReturnFeedback? Feedback =>
        _options.UseReturnFeedback ? new ReturnFeedback(_options.Quantiles, _options.FeedbackSize, _options.FeedbackHeads, _options.NonNegativeFeedback) : null;

    internal override IAlgorithm<EpisodeDraw> CreateAlgorithm(TaskShape task, int threads, long seed, Placement placement) =>
        new FactoredQ(
            task, ValueFactorizationSettings.Team(_options, ValueFactorizationSettings.Quantiles(_options, _options.Quantiles), Feedback),
            ValueFactorizationSettings.Target(_options), ValueFactorizationSettings.Mixer(_options, task, placement), ValueFactorizationSettings.Barrier(_options, task), threads, seed, placement);
}
