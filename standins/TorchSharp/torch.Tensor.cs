namespace TorchSharp;

public static partial class torch
{
    /// <summary>A handle to a tensor of libtorch. Dispose it, or let a <see cref="DisposeScope"/> do so; the collector is the last resort.</summary>
    public partial class Tensor : IDisposable
    {
        private TensorHandle? _handle;

        internal Tensor(nint handle)
        {
            _handle = new TensorHandle(handle);
            OwningDisposeScope = DisposeScopeManager.Current.Register(this);
        }

        /// <summary>Takes the native tensor of another wrapper, and its place in a scope; the other one is empty afterwards.</summary>
        private protected Tensor(Tensor source)
        {
            _ = source.Handle;
            _handle = source._handle;
            source._handle = null;
            if (source.OwningDisposeScope is { } scope)
                scope.Replace(source, this);
        }

        /// <summary>Native tensors held by wrappers, on all threads.</summary>
        public static long TotalCount => TensorHandle.TotalCount;

        public static long PeakCount => TensorHandle.PeakCount;

        /// <summary>The address of the native tensor.</summary>
        /// <exception cref="InvalidOperationException">The tensor was disposed, or gave its contents to a Parameter.</exception>
        public nint Handle => HandleOrZero is not 0 and var handle ? handle
            : throw new InvalidOperationException("Tensor invalid -- empty handle. It was disposed, or its scope ended, or it became a Parameter.");

        public bool IsInvalid => HandleOrZero == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>The handle, or 0 when there is none any more.</summary>
        internal nint HandleOrZero => _handle?.Pointer ?? 0;

        public void Dispose()
        {
            if (!IsInvalid)
            {
                if (OwningDisposeScope is { } scope)
                    scope.MarkAsDisposed(this);
                else
                    DisposeScopeManager.Current.Counts.DisposedOutsideScopeCount++;
            }
            Dispose(true);
        }

        protected virtual void Dispose(bool disposing) => _handle?.Free();

        /// <summary>Disposes without telling the scope, which is doing it.</summary>
        internal void DisposeFor(DisposeScope scope)
        {
            if (OwningDisposeScope == scope)
                OwningDisposeScope = null;
            Dispose(true);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <summary>True when both have the same shape and the same elements.</summary>
        public bool Equals(Tensor target)
        {
            if (target is null)
                return false;
            Native.Check(Native.smt_equal(Handle, target.Handle, out NativeBool equal), this, target);
            return equal;
        }

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        public override int GetHashCode() => base.GetHashCode();

        /// <summary>For instance "[2x3], type = Float32, device = cpu".</summary>
        public override string ToString() => IsInvalid ? "disposed tensor" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";
    }
}
