using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Says when a forward pass of a step begins.</summary>
internal sealed class ReportingReference(IReferenceLogProbs inner) : IReferenceLogProbs
{
    public Tensor Sums(DeviceBatch batch, int[] examples)
    {
        Report.Happened(RunEvent.MicroBatch);
        return inner.Sums(batch, examples);
    }
}
