namespace SafeMarl.Environments.Mujoco;

/// <summary>MuJoCo or the shim over it cannot be loaded, or the two do not fit together. The message says what to install or rebuild.</summary>
public sealed class MujocoUnavailableException(string message, Exception? inner = null) : EnvironmentException(message, inner);
