namespace SafeMarl.Environments.Mujoco;

/// <summary>MuJoCo refused a model or reported a fatal error; the process and other simulations go on.</summary>
public sealed class MujocoException(string message) : EnvironmentException(message);
