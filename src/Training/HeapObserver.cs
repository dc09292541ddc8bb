using MiniMind.MLNet.Dpo.Modeling.Native;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Gives memory that libtorch has freed back to the system now and then.</summary>
internal sealed class HeapObserver(NativeHeap heap) : ITrainingObserver
{
    public void Stepped(TrainingState state, StepResult step) => heap.TrimNowAndThen();
}
