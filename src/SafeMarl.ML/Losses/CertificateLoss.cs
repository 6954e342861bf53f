using static TorchSharp.torch;

namespace SafeMarl.ML.Losses;

/// <summary>Targets, hinges and penalties of MAS3AC's certificates (Appendix A, eqs. 6 to 10, F and J.5).</summary>
internal static class CertificateLoss
{
    /// <summary>What a value of a signal learns: <c>y = signal + gamma (1 - terminated) W'</c>, for the barrier b (eq. 6) and the deviation c (eq. 7).</summary>
    /// <param name="signal">b, at most 0, or c, at least 0 [B]</param>
    /// <param name="continues">0 after a termination [B]</param>
    /// <param name="nextValues">Target value of the next action [B]</param>
    /// <param name="gamma">Discount.</param>
    public static Tensor Target(Tensor signal, Tensor continues, Tensor nextValues, double gamma) => signal + continues * nextValues * gamma;

    /// <summary>What a reachability certificate learns, the largest violation to come: <c>y = (1 - gamma) v + gamma max(v, R')</c> (J.5).</summary>
    /// <param name="violation">v = -b, at least 0 [B]</param>
    /// <param name="continues">0 after a termination [B]</param>
    /// <param name="nextValues">Target value of the next action [B]</param>
    /// <param name="gamma">Discount.</param>
    public static Tensor ReachabilityTarget(Tensor violation, Tensor continues, Tensor nextValues, double gamma) =>
        violation * (1 - gamma) + maximum(violation, continues * nextValues) * gamma;

    /// <summary>How far the barrier falls faster than it may: <c>max(0, (1 - epsilon) H - H')</c> (eq. 8); nothing after a termination.</summary>
    /// <param name="present">H(x, u) [B]</param>
    /// <param name="next">H(x', u') [B]</param>
    /// <param name="continues">0 after a termination [B]</param>
    /// <param name="epsilon">Share of the barrier's distance to 0 that must be made good in a step.</param>
    public static Tensor SafetyHinge(Tensor present, Tensor next, Tensor continues, double epsilon) => continues * (present * (1 - epsilon) - next).clamp_min(0);

    /// <summary>How far a reachability certificate is above 0: <c>max(0, R)</c> (J.5).</summary>
    public static Tensor ReachabilityHinge(Tensor values) => values.clamp_min(0);

    /// <summary>How far the Lyapunov value falls less than it must: <c>max(0, V' - V + decrease - kappa |d|)</c> (eq. 9); nothing after a termination.</summary>
    /// <param name="present">V(s, u) [B]</param>
    /// <param name="next">V(s', u') [B]</param>
    /// <param name="decrease">alpha' V, or a V minus what neighbours add (appendix F) [B]</param>
    /// <param name="allowance">kappa |d|, what a disturbance excuses (J.1) [B]; null: nothing.</param>
    /// <param name="continues">0 after a termination [B]</param>
    public static Tensor StabilityHinge(Tensor present, Tensor next, Tensor decrease, Tensor? allowance, Tensor continues)
    {
        Tensor excess = next - present + decrease;
        return continues * (allowance is null ? excess : excess - allowance).clamp_min(0);
    }

    /// <summary>How far the gains between agents exceed an agent's own decrease: <c>max(0, (1 + beta) sum_j delta_ij V_j - a_i V_i)</c> (appendix F).</summary>
    /// <param name="coupling">sum_j delta_ij V_j [B]</param>
    /// <param name="decrease">a_i V_i [B]</param>
    /// <param name="margin">beta</param>
    public static Tensor GainHinge(Tensor coupling, Tensor decrease, double margin) => (coupling * (1 + margin) - decrease).clamp_min(0);

    /// <summary>The penalty of a hinge: <c>E[h] + 1/2 E[h^2]</c> (eq. 10), or <c>E[h]</c> without the squared term (J.8).</summary>
    public static Tensor Penalty(Tensor hinge, bool squared) => squared ? hinge.mean() + hinge.square().mean() * 0.5 : hinge.mean();
}
