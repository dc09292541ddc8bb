using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>
/// Keeps fp16 gradients out of underflow: multiplies the loss by a scale that shrinks on overflow and grows after a while without, as torch.amp.GradScaler.
/// </summary>
/// <remarks>
/// Each step: backward of <see cref="ScaleLoss"/>, gradients times <see cref="InverseScale"/>, no step where they are not finite, then <see cref="Update"/>.
/// </remarks>
internal sealed class GradientScaler
{
    private readonly GradientScalerOptions _options;
    private float _scale; // fp32, as torch keeps it: repeated factors round the same
    private int _growthTracker;

    /// <summary>Starts at the initial scale.</summary>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public GradientScaler(GradientScalerOptions options)
    {
        options.Validate();
        _options = options;
        _scale = (float)options.InitialScale;
    }

    /// <summary>What losses are multiplied by.</summary>
    public float Scale => _scale;

    /// <summary>What brings gradients of a scaled loss back.</summary>
    public double InverseScale => 1.0 / _scale;

    /// <summary>How many steps were skipped because gradients overflowed.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>What a checkpoint keeps; setting it continues a saved run.</summary>
    /// <exception cref="ArgumentException">The state is none that a scaler can have.</exception>
    public GradientScalerState State
    {
        get => new(_scale, _growthTracker, SkippedSteps);
        set
        {
            OptionFaults.Throw(nameof(GradientScaler),
                OptionFaults.UnlessPositive(nameof(GradientScalerState.Scale), value.Scale),
                OptionFaults.UnlessNotNegative(nameof(GradientScalerState.GrowthTracker), value.GrowthTracker),
                OptionFaults.UnlessNotNegative(nameof(GradientScalerState.SkippedSteps), value.SkippedSteps));
            (_scale, _growthTracker, SkippedSteps) = value;
        }
    }

    /// <summary>The loss to start the backward pass from; the caller disposes it.</summary>
    /// <param name="loss">The loss, fp32.</param>
    public Tensor ScaleLoss(Tensor loss) => loss.Mul(_scale);

    /// <summary>Ends a step: adapts the scale.</summary>
    /// <param name="overflowed">Whether a gradient was not finite, so that the step was skipped.</param>
    public void Update(bool overflowed)
    {
        if (overflowed)
        {
            _scale = (float)(_scale * _options.BackoffFactor);
            _growthTracker = 0;
            SkippedSteps++;
            return;
        }
        if (++_growthTracker < _options.GrowthInterval)
            return;
        _growthTracker = 0;
        float grown = (float)(_scale * _options.GrowthFactor);
        if (float.IsFinite(grown))
            _scale = grown;
    }
}
