using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device device(string description) => new(description);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>A kind of device and, where there can be several, which one; -1 is the current one.</summary>
    public class Device
    {
        /// <param name="description">"cpu", "cuda", "cuda:1" ...</param>
        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            string[] parts = description.Split(':');
            type = Parse(parts[0]);
            index = parts.Length == 1 ? -1
                : parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? Normalised(type, given)
                : throw new ArgumentException($"\"{description}\" is not a device; write for instance \"cpu\" or \"cuda:0\".", nameof(description));
        }

        public Device(string deviceType, int index = -1)
        {
            ArgumentNullException.ThrowIfNull(deviceType);
            type = Parse(deviceType);
            this.index = Normalised(type, index);
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = Normalised(deviceType, index);
        }

        /// <summary>A CUDA device.</summary>
        public Device(int index)
            : this(DeviceType.CUDA, index)
        {
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            string name = type.ToString().ToLowerInvariant();
            return index < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{index}");
        }

        private static DeviceType Parse(string name)
        {
            foreach (DeviceType candidate in Enum.GetValues<DeviceType>())
            {
                if (string.Equals(candidate.ToString(), name, StringComparison.OrdinalIgnoreCase))
                    return candidate;
            }
            throw new ArgumentException($"\"{name}\" is not a kind of device that libtorch knows.", nameof(name));
        }

        // There is one CPU.
        private static int Normalised(DeviceType type, int index) => type == DeviceType.CPU ? -1 : index;
    }
}
