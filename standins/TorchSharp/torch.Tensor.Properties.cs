namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The sizes of all dimensions, in a new array.</summary>
        public long[] shape
        {
            get
            {
                long[] sizes = new long[Dimensions];
                Native.smt_sizes(Handle, sizes);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long Dimensions
        {
            get
            {
                long rank = Native.smt_rank(Handle);
                GC.KeepAlive(this);
                return rank;
            }
        }

        public long NumberOfElements
        {
            get
            {
                long count = Native.smt_numel(Handle);
                GC.KeepAlive(this);
                return count;
            }
        }

        public ScalarType dtype
        {
            get
            {
                var type = (ScalarType)Native.smt_type(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public DeviceType device_type
        {
            get
            {
                var type = (DeviceType)Native.smt_device_type(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public Device device
        {
            get
            {
                var device = new Device(device_type, Native.smt_device_index(Handle));
                GC.KeepAlive(this);
                return device;
            }
        }

        public bool is_leaf
        {
            get
            {
                bool leaf = Native.smt_is_leaf(Handle);
                GC.KeepAlive(this);
                return leaf;
            }
        }

        public bool requires_grad
        {
            get
            {
                bool required = Native.smt_requires_grad(Handle);
                GC.KeepAlive(this);
                return required;
            }
            set => Native.Check(Native.smt_set_requires_grad(Handle, value), this);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>The accumulated gradient in a new wrapper, or null.</summary>
        public Tensor? grad
        {
            get
            {
                Native.Check(Native.smt_grad(Handle, out nint gradient), this);
                return gradient == 0 ? null : new Tensor(gradient);
            }
            set => Native.Check(Native.smt_set_grad(Handle, value is null ? 0 : value.Handle), this, value);
        }

        /// <summary>The tensor's own memory: valid until the tensor is freed, so keep the tensor while the span is in use.</summary>
        /// <exception cref="NotImplementedException">The elements do not lie one after the other.</exception>
        /// <exception cref="InvalidOperationException">The tensor is not in the memory of the CPU.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!Native.smt_is_contiguous(Handle))
                    throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
                if (device_type != DeviceType.CPU)
                    throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                long size = NumberOfElements * Native.smt_element_size(Handle);
                if (size > int.MaxValue)
                    throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                Native.Check(Native.smt_data(Handle, out nint data), this);
                return new Span<byte>((void*)data, (int)size);
            }
            set
            {
                Span<byte> memory = bytes;
                if (memory.Length != value.Length)
                    throw new ArgumentException($"Mismatched data sizes: the tensor has {memory.Length} bytes, the span {value.Length}.", nameof(value));
                value.CopyTo(memory);
                GC.KeepAlive(this);
            }
        }

        public long numel() => NumberOfElements;

        public long size(int dim)
        {
            Native.Check(Native.smt_size(Handle, dim, out long size), this);
            return size;
        }

        /// <summary>The only element of the tensor, whose element type must be that of <typeparamref name="T"/>.</summary>
        public unsafe T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException($"item() needs a tensor with exactly one element; this one has {NumberOfElements}.");
            if (ElementType(dtype) != typeof(T))
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}.");
            T value;
            Native.Check(Native.smt_item(Handle, &value), this);
            return value;
        }

        private static Type? ElementType(ScalarType type) => type switch
        {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float16 => typeof(Half),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => null,
        };
    }
}
