namespace TorchSharp;

/// <summary>Reads the only element of a tensor of any element type as a number of .NET.</summary>
public static class TensorExtensionMethods
{
    public static float ToSingle(this torch.Tensor value) => (float)value.ToDouble();

    public static double ToDouble(this torch.Tensor value)
    {
        Native.Check(Native.smt_item_double(value.Handle, out double number), value);
        return number;
    }

    public static int ToInt32(this torch.Tensor value) => checked((int)value.ToInt64());

    public static long ToInt64(this torch.Tensor value)
    {
        Native.Check(Native.smt_item_long(value.Handle, out long number), value);
        return number;
    }
}
