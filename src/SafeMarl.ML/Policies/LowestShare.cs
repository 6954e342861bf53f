using System.Numerics.Tensors;

namespace SafeMarl.ML.Policies;

/// <summary>The conditional value at risk of equally likely numbers: the mean of their lowest share.</summary>
internal static class LowestShare
{
    /// <summary>The mean of the lowest <paramref name="count"/> numbers, of which a part of the last one counts where it is no whole number.</summary>
    /// <param name="numbers">Numbers in any order; they are reordered.</param>
    /// <param name="count">Above 0, at most how many there are.</param>
    public static float Mean(Span<float> numbers, float count)
    {
        int whole = (int)count;
        if (whole == numbers.Length)
            return TensorPrimitives.Sum<float>(numbers) / count;
        BringLowestForward(numbers, whole);
        return (TensorPrimitives.Sum<float>(numbers[..whole]) + (count - whole) * numbers[whole]) / count;
    }

    // Hoare's selection; with sorting in its place an update of RMIX took 1.6 times as long.
    private static void BringLowestForward(Span<float> numbers, int count)
    {
        (int first, int last) = (0, numbers.Length - 1);
        while (first < last)
        {
            float pivot = numbers[(first + last) / 2];
            (int i, int j) = (first, last);
            while (i <= j)
            {
                while (numbers[i] < pivot)
                    i++;
                while (pivot < numbers[j])
                    j--;
                if (i > j)
                    break;
                (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
                i++;
                j--;
            }
            if (count <= j)
                last = j;
            else if (count >= i)
                first = i;
            else
                return;
        }
    }
}
