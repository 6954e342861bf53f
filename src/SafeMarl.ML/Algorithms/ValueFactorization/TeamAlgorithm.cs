using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>An algorithm that learns the networks of a team from whole episodes, by one step along the gradients of its losses in each update.</summary>
/// <typeparam name="TJudge">What judges the agents together.</typeparam>
internal abstract class TeamAlgorithm<TJudge>(RecurrentTeam<TJudge> networks, Placement placement) : IAlgorithm<EpisodeDraw>
    where TJudge : nn.Module
{
    private readonly SequenceMemory _memory = new();

    internal RecurrentTeam<TJudge> Networks => networks;

    public Policy Policy => networks.Policy;

    protected Placement Placement => placement;

    public Metrics Update(EpisodeDraw draw)
    {
        using var scope = NewDisposeScope();
        var metrics = new Metrics();
        (Tensor loss, Tensor?[] gradients) = Losses(draw, metrics);
        metrics.Add("gradient_norm", networks.Step(loss, gradients, draw));
        return metrics;
    }

    /// <summary>The loss of an update, and its gradients to the parameters in the order of <see cref="RecurrentTeam{TJudge}.Gradients"/>.</summary>
    protected abstract (Tensor Loss, Tensor?[] Gradients) Losses(EpisodeDraw draw, Metrics metrics);

    /// <summary>Episodes as tensors, which hold until the next ones are made.</summary>
    protected TeamSequences Sequences(EpisodeBatch batch) => new(batch, placement, _memory);

    public void Publish() => networks.Publish();

    public void Save(TensorFile file) => networks.Save(file);

    public void Load(TensorFile file) => networks.Load(file);

    public void Dispose() => networks.Dispose();
}
