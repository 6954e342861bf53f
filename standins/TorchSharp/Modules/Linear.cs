namespace TorchSharp.Modules;

public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Parameter _weight;
    private Parameter? _bias;

    internal Linear(long inputSize, long outputSize, bool hasBias, torch.Device? device, torch.ScalarType? dtype)
        : base(nameof(Linear))
    {
        // Kaiming's uniform with a = sqrt(5), in the order and with the roundings of torch.nn.Linear: the same seed gives the same bits.
        double gain = Math.Sqrt(2.0 / (1 + (Math.Sqrt(5) * Math.Sqrt(5))));
        double weightBound = Math.Sqrt(3.0) * (gain / Math.Sqrt(inputSize));
        _weight = Uniform([outputSize, inputSize], weightBound, device, dtype);
        register_parameter("weight", _weight);
        if (hasBias)
            bias = Uniform([outputSize], inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0, device, dtype);
    }

    public Parameter? bias
    {
        get => _bias;
        set => Assign(nameof(bias), _bias = value);
    }

#nullable disable annotations
    public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.linear(tensor, _weight, _bias);
#nullable restore annotations

    private static Parameter Uniform(long[] shape, double bound, torch.Device? device, torch.ScalarType? dtype)
    {
        torch.Tensor values = torch.empty(shape, dtype, device);
        Native.Check(Native.smt_uniform_(values.Handle, -bound, bound), values);
        return new Parameter(values);
    }
}
