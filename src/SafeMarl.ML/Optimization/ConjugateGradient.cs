using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Optimization;

/// <summary>The method of conjugate gradients (Hestenes and Stiefel 1952), for products with the inverse of a matrix that is never formed.</summary>
internal static class ConjugateGradient
{
    /// <summary>Solves <c>A x = b</c> approximately, beginning at 0.</summary>
    /// <param name="product">A v of a vector v, A symmetric and positive definite.</param>
    /// <param name="b">[P]</param>
    /// <param name="iterations">Products at most.</param>
    /// <param name="tolerance">Squared norm of the residual at which the solution is good enough.</param>
    /// <returns>x [P]</returns>
    public static Tensor Solve(Func<Tensor, Tensor> product, Tensor b, int iterations, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor x = zeros_like(b), residual = b, direction = b;
        double square = residual.Dot(residual);
        for (int i = 0; i < iterations && square > tolerance; i++)
        {
            Tensor curved = product(direction);
            double step = square / direction.Dot(curved);
            x = x + direction * step;
            residual = residual - curved * step;
            double next = residual.Dot(residual);
            direction = residual + direction * (next / square);
            square = next;
        }
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The inner product of two vectors.</summary>
    public static double Dot(this Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a * b).sum().ToDouble();
    }
}
