namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

internal sealed class MadeUpRow
{
    public long LineNumber { get; set; }

    public string Chosen { get; set; } = "";

    public string Rejected { get; set; } = "";
}
