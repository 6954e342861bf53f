namespace TorchSharp.Modules;

public sealed class LayerNorm : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly long[] _shape;
    private readonly double _eps;
    private Parameter? _weight;
    private Parameter? _bias;

    internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(LayerNorm))
    {
        _shape = [.. shape];
        _eps = eps;
        if (!affine)
            return;
        weight = new Parameter(torch.ones(_shape, dtype, device));
        if (hasBias)
            bias = new Parameter(torch.zeros(_shape, dtype, device));
    }

    /// <summary>Null when the layer was made without elementwise_affine, as officially.</summary>
    public Parameter weight
    {
        get => _weight!;
        set => Assign(nameof(weight), _weight = value);
    }

    public Parameter? bias
    {
        get => _bias;
        set => Assign(nameof(bias), _bias = value);
    }

#nullable disable annotations
    public override torch.Tensor forward(torch.Tensor tensor)
    {
        int code = Native.smt_layer_norm(tensor.Handle, _shape, _shape.Length, _weight is null ? 0 : _weight.Handle, _bias is null ? 0 : _bias.Handle, _eps, out nint result);
        return Native.Wrap(code, result, tensor, this);
    }
#nullable restore annotations
}
