namespace TorchSharp.Modules;

/// <summary>torch.optim.Adam in one native pass over the parameters. Its moments are tensors that no dispose scope holds.</summary>
public class Adam : OptimizerHelper, torch.optim.IBetas
{
    private const uint Magic = 0x31414D53; // "SMA1"

    private readonly Group _group;
    private readonly torch.Tensor[] _firstMoments;
    private readonly torch.Tensor[] _secondMoments;
    private readonly long[] _steps;
    private Settings _settings;

#nullable disable annotations
    /// <exception cref="NotSupportedException"><paramref name="amsgrad"/> is asked for.</exception>
    public Adam(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false)
        : base(parameters)
    {
        if (amsgrad)
            throw new NotSupportedException("This stand-in's Adam has no amsgrad variant.");
        _settings = new Settings(lr, beta1, beta2, eps, weight_decay, maximize);
        if (_settings.Complaint is { } complaint)
            throw new ArgumentException(complaint);
        _group = new Group(this);
        _firstMoments = Array.ConvertAll(List, Zeros);
        _secondMoments = Array.ConvertAll(List, Zeros);
        _steps = new long[List.Length];

        static torch.Tensor Zeros(Parameter parameter) => torch.zeros_like(parameter).DetachFromDisposeScope();
    }

    public (double, double) Betas
    {
        get => (_settings.Beta1, _settings.Beta2);
        set => _settings = _settings with { Beta1 = value.Item1, Beta2 = value.Item2 };
    }

    public override torch.Tensor step(Func<torch.Tensor> closure = null)
    {
        torch.Tensor loss = null;
        if (closure is not null)
        {
            using IDisposable recording = torch.enable_grad();
            loss = closure();
        }
        Settings s = _settings;
        int code = Native.smt_adam(torch.Handles(List), torch.Handles(_firstMoments), torch.Handles(_secondMoments), _steps, _steps.Length,
            s.LearningRate, s.Beta1, s.Beta2, s.Eps, s.WeightDecay, s.Maximize);
        Native.Check(code, this);
        return loss;
    }
#nullable restore annotations

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        foreach (torch.Tensor moment in _firstMoments.Concat(_secondMoments))
            moment.Dispose();
    }

    private protected override IEnumerable<torch.optim.ILearningRateController> Groups => [_group];

    private protected override void Save(BinaryWriter writer)
    {
        Settings s = _settings;
        writer.Write(Magic);
        foreach (double number in (ReadOnlySpan<double>)[s.LearningRate, s.Beta1, s.Beta2, s.Eps, s.WeightDecay])
            writer.Write(number);
        writer.Write(s.Maximize);
        writer.Write(_steps.Length);
        for (int i = 0; i < _steps.Length; i++)
        {
            writer.Write(_steps[i]);
            Write(writer, _firstMoments[i]);
            Write(writer, _secondMoments[i]);
        }
    }

    private protected override void Load(BinaryReader reader)
    {
        try
        {
            if (reader.ReadUInt32() != Magic)
                throw new InvalidDataException("This is not the state of an Adam optimiser.");
            var settings = new Settings(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());
            if (settings.Complaint is { } complaint)
                throw new InvalidDataException(complaint);
            int count = reader.ReadInt32();
            if (count != _steps.Length)
                throw new InvalidDataException($"The saved state has {count} parameters, this optimiser {_steps.Length}.");

            long[] steps = new long[count];
            byte[][] moments = new byte[2 * count][];
            for (int i = 0; i < count; i++)
            {
                steps[i] = reader.ReadInt64();
                if (steps[i] < 0)
                    throw new InvalidDataException($"Parameter {i} has a negative step count.");
                moments[2 * i] = Read(reader, _firstMoments[i], i);
                moments[(2 * i) + 1] = Read(reader, _secondMoments[i], i);
            }

            // Everything was read and fits: now it takes effect.
            _settings = settings;
            steps.CopyTo(_steps, 0);
            for (int i = 0; i < count; i++)
            {
                Restore(_firstMoments[i], moments[2 * i]);
                Restore(_secondMoments[i], moments[(2 * i) + 1]);
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The saved state of the optimiser is cut off.", e);
        }
    }

    private static void Write(BinaryWriter writer, torch.Tensor moment)
    {
        using torch.Tensor host = moment.cpu();
        writer.Write((int)host.dtype);
        writer.Write(host.shape.Length);
        foreach (long size in host.shape)
            writer.Write(size);
        using torch.Tensor packed = host.contiguous();
        writer.Write(packed.bytes);
        GC.KeepAlive(packed);
    }

    private static byte[] Read(BinaryReader reader, torch.Tensor moment, int index)
    {
        var type = (torch.ScalarType)reader.ReadInt32();
        int rank = reader.ReadInt32();
        long[] expected = moment.shape;
        bool fits = type == moment.dtype && rank == expected.Length;
        for (int i = 0; fits && i < rank; i++)
            fits = reader.ReadInt64() == expected[i];
        if (!fits)
            throw new InvalidDataException($"The saved state of parameter {index} is not that of {moment}.");

        byte[] bytes = new byte[checked(moment.NumberOfElements * Native.smt_element_size(moment.Handle))];
        reader.BaseStream.ReadExactly(bytes);
        return bytes;
    }

    private static void Restore(torch.Tensor moment, byte[] bytes)
    {
        using torch.Tensor host = torch.empty(moment.shape, moment.dtype);
        host.bytes = bytes;
        using torch.Tensor written = moment.copy_(host);
    }

    private sealed record Settings(double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay, bool Maximize)
    {
        internal string? Complaint =>
            !(LearningRate >= 0) ? $"Invalid learning rate: {LearningRate}"
            : !(Eps >= 0) ? $"Invalid eps: {Eps}"
            : !(Beta1 is >= 0 and < 1) ? $"Invalid beta1: {Beta1}"
            : !(Beta2 is >= 0 and < 1) ? $"Invalid beta2: {Beta2}"
            : !(WeightDecay >= 0) ? $"Invalid weight_decay: {WeightDecay}"
            : null;
    }

    private sealed class Group(Adam owner) : torch.optim.ILearningRateController
    {
        public double LearningRate
        {
            get => owner._settings.LearningRate;
            set => owner._settings = owner._settings with { LearningRate = value };
        }
    }
}
