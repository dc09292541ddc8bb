using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What follows the backward pass, always in this order: norm, unscale, clip, step, zero, update the scaler.</summary>
/// <remarks>On the CPU that is two passes over memory, one for the norm and one for all the rest.</remarks>
internal sealed class GradientStep : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly IOptimizer _optimizer;
    private readonly GradientScaler? _scaler;
    private readonly double _maxNorm;
    private Tensor? _normOnDevice;
    private double _norm;

    /// <summary>Ties the parts together; they stay the caller's.</summary>
    /// <param name="parameters">The parameters that backward passes give gradients to.</param>
    /// <param name="optimizer">An optimizer of the same parameters.</param>
    /// <param name="maxNorm">What the gradients' L2 norm is clipped to; infinite to clip nothing.</param>
    /// <param name="scaler">The scaler whose scaled losses the gradients come from, if any.</param>
    /// <exception cref="ArgumentOutOfRangeException">The norm is not above 0.</exception>
    public GradientStep(FlatParameters parameters, IOptimizer optimizer, double maxNorm, GradientScaler? scaler = null)
    {
        if (!(maxNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "The norm to clip to must be above 0 (infinite to clip nothing).");
        (_parameters, _optimizer, _maxNorm, _scaler) = (parameters, optimizer, maxNorm, scaler);
    }

    /// <summary>The last step's gradient norm, unscaled and before clipping. On CUDA without a scaler, reading it waits for the device.</summary>
    public double GradientNorm
    {
        get
        {
            if (_normOnDevice is not null)
            {
                _norm = _normOnDevice.item<float>();
                ForgetNormOnDevice();
            }
            return _norm;
        }
    }

    /// <summary>Takes the step, or skips it where gradients are not finite; the gradients are zero afterwards.</summary>
    /// <remarks>On CUDA without a scaler nothing waits for the device, so nothing is skipped either: look at <see cref="GradientNorm"/> at the logging interval.</remarks>
    /// <returns>Whether the step was taken.</returns>
    public bool Apply(double learningRate)
    {
        ForgetNormOnDevice();
        if (!_parameters.OnCpu && _scaler is null)
        {
            _normOnDevice = _parameters.ClipGradientsOnDevice(_maxNorm).DetachFromDisposeScope();
            _optimizer.Step(learningRate, zeroGradients: true);
            return true;
        }

        double unscale = _scaler?.InverseScale ?? 1.0;
        _norm = _parameters.GradientNorm() * unscale;
        bool finite = double.IsFinite(_norm);
        if (finite)
            _optimizer.Step(learningRate, unscale * FlatParameters.ClipCoefficient(_norm, _maxNorm), zeroGradients: true);
        else
            _parameters.ZeroGradients();
        _scaler?.Update(overflowed: !finite);
        return finite;
    }

    /// <inheritdoc />
    public void Dispose() => ForgetNormOnDevice();

    private void ForgetNormOnDevice()
    {
        _normOnDevice?.Dispose();
        _normOnDevice = null;
    }
}
