using MiniMind.MLNet.Dpo.CpuKernels.Native;


namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Keeps the heap of native memory in order between steps.</summary>
internal sealed class HeapObserver(NativeHeap heap) : ITrainingObserver
{
    public void Stepped(TrainingState state, StepResult step) => heap.Settle();
}
