using SafeMarl.ML.Optimization;
using SafeMarl.ML.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>
/// Products <c>H v + damping v</c> with the Hessian H of a scalar that is a sum of parts, by differentiating its gradient once more: H itself
/// is never formed. The parts are what the work is divided by, so the result does not depend on the number of threads.
/// </summary>
internal sealed class CurvatureProduct : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly double _damping;
    private readonly int _threads;
    private readonly Tensor[] _gradients; // of each part [P], with the graphs they came from

    /// <param name="parameters">What the scalar depends on; they must not change while this is used.</param>
    /// <param name="parts">Compute the parts of the scalar.</param>
    /// <param name="damping">Added to the Hessian's diagonal.</param>
    /// <param name="threads">Parts that are differentiated at the same time.</param>
    public CurvatureProduct(FlatParameters parameters, IReadOnlyList<Func<Tensor>> parts, double damping, int threads)
    {
        (_parameters, _damping, _threads) = (parameters, damping, threads);
        _gradients = ForEach(parts.Count, i => parameters.Gradient(parts[i](), differentiable: true));
    }

    /// <summary><c>H v + damping v</c> [P].</summary>
    public Tensor Apply(Tensor v)
    {
        using var scope = NewDisposeScope();
        Tensor[] products = ForEach(_gradients.Length, i => _parameters.Gradient((_gradients[i] * v).sum()));
        Tensor sum = v * _damping;
        foreach (Tensor product in products)
        {
            sum = sum + product;
            product.Dispose();
        }
        return sum.MoveToOuterDisposeScope();
    }

    // Scopes belong to threads: what a piece of work leaves is detached from its own.
    private Tensor[] ForEach(int count, Func<int, Tensor> compute)
    {
        var results = new Tensor[count];
        ParallelWork.Run(_threads, Enumerable.Range(0, count).Select(i => (Action)(() =>
        {
            using var scope = NewDisposeScope();
            using var tracked = enable_grad();
            results[i] = compute(i).DetachFromDisposeScope();
        })));
        return results;
    }

    public void Dispose()
    {
        foreach (Tensor gradient in _gradients)
            gradient.Dispose();
    }
}
