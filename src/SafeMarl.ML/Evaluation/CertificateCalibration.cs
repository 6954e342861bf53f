namespace SafeMarl.ML;

/// <summary>Steps of about the same predicted value.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Predicted">Mean of what the certificate said.</param>
/// <param name="Realized">Mean of what came.</param>
/// <param name="Low">5 % of what came was lower.</param>
/// <param name="High">5 % of what came was higher.</param>
public sealed record CertificateBin(int Steps, double Predicted, double Realized, double Low, double High);

/// <summary>How a certificate compares with what happened in held-out episodes, step by step.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Cost">Name of the cost, of a safety certificate; null: the stability certificate.</param>
/// <param name="Steps">Steps compared.</param>
/// <param name="MeanPredicted">Mean of what the certificate said.</param>
/// <param name="MeanRealized">
/// Mean of what came: discounted sums from each step to the end of its episode. Where an episode was only cut, what would have come after is the
/// certificate's own word at its last step.
/// </param>
/// <param name="RootMeanSquareError">Of what was said against what came.</param>
/// <param name="Correlation">Between them; NaN where one of them never varies.</param>
/// <param name="Bins">Steps by what was said, as many in each bin, lowest first.</param>
/// <param name="Alarm">The threshold of the alarm, of a safety certificate.</param>
public sealed record CertificateFit(
    string Agent, string? Cost, int Steps, double MeanPredicted, double MeanRealized, double RootMeanSquareError, double Correlation, IReadOnlyList<CertificateBin> Bins, AlarmThreshold? Alarm);

/// <summary>Certificates compared with held-out episodes.</summary>
/// <param name="Policy">The policy, which from now on carries the thresholds of its alarms.</param>
/// <param name="Fits">Every certificate.</param>
public sealed record CertificateCalibration(PolicyTransformer Policy, IReadOnlyList<CertificateFit> Fits);
