using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Optimization;

/// <summary>The parameters of a module as one vector [P], for methods that see a policy as a point.</summary>
internal sealed class FlatParameters(nn.Module module)
{
    private readonly Tensor[] _parameters = [.. module.parameters()];

    /// <summary>A copy of the values [P].</summary>
    public Tensor Values()
    {
        using var guard = no_grad();
        return Flatten(_parameters);
    }

    /// <summary>Overwrites the values.</summary>
    /// <param name="values">[P]</param>
    public void Assign(Tensor values)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        long start = 0;
        foreach (Tensor parameter in _parameters)
        {
            long count = parameter.numel();
            parameter.copy_(values.narrow(0, start, count).reshape(parameter.shape));
            start += count;
        }
    }

    /// <summary>The gradient of a scalar [P], zero for parameters that it does not depend on; its graph stays for another one.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="differentiable">Whether the gradient can be differentiated itself.</param>
    public Tensor Gradient(Tensor scalar, bool differentiable = false)
    {
        IList<Tensor> gradients = autograd.grad([scalar], _parameters, retain_graph: true, create_graph: differentiable, allow_unused: true);
        return Flatten([.. gradients.Select((gradient, i) => gradient ?? zeros_like(_parameters[i]))]);
    }

    private static Tensor Flatten(IEnumerable<Tensor> tensors) => cat([.. tensors.Select(t => t.reshape(-1))]);
}
