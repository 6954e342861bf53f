#nullable disable
namespace Microsoft.ML;

/// <summary>Marks a class that a saved model finds by the name of its contract.</summary>
public abstract class ExtensionBaseAttribute : Attribute
{
    private protected ExtensionBaseAttribute(string contractName) => ContractName = contractName;

    public string ContractName { get; }
}
