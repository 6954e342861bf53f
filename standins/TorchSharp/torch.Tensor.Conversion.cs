namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor clone() => Native.Wrap(Native.smt_clone(Handle, out nint result), result, this);

        public Tensor detach() => Native.Wrap(Native.smt_detach(Handle, out nint result), result, this);

        public Tensor contiguous() => Native.Wrap(Native.smt_contiguous(Handle, out nint result), result, this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Native.Wrap(Native.smt_copy_(Handle, source.Handle, nonBlocking, out nint result), result, this, source);

        public Tensor cpu() => to(CPU);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Convert(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Convert(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, device, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Convert(type, device, copy, disposeAfter, non_blocking);

        // A conversion to what the tensor already is shares its memory, in a wrapper of its own.
        private Tensor Convert(ScalarType type, Device device, bool copy, bool disposeAfter, bool nonBlocking)
        {
            Tensor converted = Native.Wrap(Native.smt_to(Handle, (int)type, (int)device.type, device.index, nonBlocking, copy, out nint result), result, this);
            if (disposeAfter)
                Dispose();
            return converted;
        }
    }
}
