import keras, tensorflow as tf
from keras import layers

def generator(image_shape, latent_size=64, width=64, depth_extra=False, bn_momentum=0.9, out_kernel=4, init=0.02, mx=0):
    H, W, C = image_shape
    n = keras.initializers.RandomNormal(stddev=init) if init else "glorot_uniform"
    kw = dict(kernel_initializer=n, use_bias=False)
    bn = lambda: layers.BatchNormalization(momentum=bn_momentum)
    z = keras.Input((latent_size,), dtype="float32")
    x = z
    if mx: x = layers.ReLU()(bn()(layers.Dense(mx, **kw)(x)))
    x = layers.Dense(H//4*(W//4)*2*width, **kw)(x)
    x = layers.Reshape((H//4, W//4, 2*width))(x)
    x = layers.ReLU()(bn()(x))
    if depth_extra:
        x = layers.Conv2D(2*width, 3, padding="same", **kw)(x)
        x = layers.ReLU()(bn()(x))
    x = layers.Conv2DTranspose(width, 4, 2, padding="same", **kw)(x)
    x = layers.ReLU()(bn()(x))
    x = layers.Conv2DTranspose(C, out_kernel, 2, padding="same", kernel_initializer=n)(x)
    x = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, x)

def discriminator(image_shape, width=64, depth_extra=False, bn=False, sn=False, dropout=0., init=0.02, kernel=4):
    n = keras.initializers.RandomNormal(stddev=init) if init else "glorot_uniform"
    s = layers.SpectralNormalization if sn else (lambda l: l)
    i = keras.Input(image_shape, dtype="float32")
    x = s(layers.Conv2D(width, kernel, 2, padding="same", kernel_initializer=n))(i)
    x = layers.LeakyReLU(0.2)(x)
    x = s(layers.Conv2D(2*width, kernel, 2, padding="same", kernel_initializer=n))(x)
    if bn: x = layers.BatchNormalization(momentum=.9)(x)
    x = layers.LeakyReLU(0.2)(x)
    if depth_extra:
        x = s(layers.Conv2D(4*width, kernel, 2, padding="same", kernel_initializer=n))(x)
        if bn: x = layers.BatchNormalization(momentum=.9)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Flatten()(x)
    if dropout: x = layers.Dropout(dropout)(x)
    x = s(layers.Dense(1, kernel_initializer=n, dtype="float32"))(x)
    return keras.Model(i, x)

def translate(images, seed, max_shift):
    """Shift each image by up to max_shift pixels, filling with -1 (zero after +1)."""
    _, H, W, _ = images.shape
    B = tf.shape(images)[0]
    dy, dx = tf.unstack(tf.random.stateless_uniform((2, B), seed, -max_shift, max_shift+1, tf.int32))
    rows = tf.one_hot(tf.range(H)[None] + dy[:, None], H, dtype=images.dtype)  # [B, H, H], zero rows outside
    cols = tf.one_hot(tf.range(W)[None] + dx[:, None], W, dtype=images.dtype)
    x = images + 1
    x = tf.einsum("bij,bjwc->biwc", rows, x)
    x = tf.einsum("bij,bhjc->bhic", cols, x)
    return x - 1

class GAN(keras.Model):
    def __init__(self, generator, discriminator, latent_size, ema=0.999, seed=0, shift=0, loss="ns", smooth=0., r1=0., alternating=False):
        super().__init__()
        self.generator, self.discriminator, self.latent_size = generator, discriminator, latent_size
        self.ema, self.shift, self.loss_kind, self.smooth, self.r1, self.alternating = ema, shift, loss, smooth, r1, alternating
        self.averaged_generator = keras.models.clone_model(generator)
        self.averaged_generator.set_weights(generator.get_weights())
        self.averaged_generator.trainable = False
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.names_ = ["d_loss", "g_loss", "d_real_accuracy", "d_fake_accuracy"]
        self.trackers = [keras.metrics.Mean(n) for n in self.names_]
        self.built = True

    @property
    def metrics(self): return self.trackers

    def compile(self, generator_optimizer, discriminator_optimizer):
        super().compile(optimizer=None)
        self.go, self.do = generator_optimizer, discriminator_optimizer
        self.go.build(self.generator.trainable_variables)
        self.do.build(self.discriminator.trainable_variables)

    def train_step(self, real):
        seed = self.seed_generator.next()
        s = tf.random.experimental.stateless_split(tf.cast(seed, tf.int32), 4)
        B = tf.shape(real)[0]
        z = tf.random.stateless_normal((B, self.latent_size), s[0])
        aug = (lambda x, k: translate(x, s[k], self.shift)) if self.shift else (lambda x, k: x)
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(z, training=True)
            real_in = aug(real, 1)
            fake_in = aug(fake, 2)
            if self.r1: tape.watch(real_in)
            lr = self.discriminator(real_in, training=True)
            lf = self.discriminator(fake_in, training=True)
            if self.loss_kind == "hinge":
                d_loss = tf.reduce_mean(tf.nn.relu(1-lr)) + tf.reduce_mean(tf.nn.relu(1+lf)); g_loss = -tf.reduce_mean(lf)
            else:
                d_loss = tf.reduce_mean(tf.nn.softplus(-lr) + self.smooth*lr) + tf.reduce_mean(tf.nn.softplus(lf))
                g_loss = tf.reduce_mean(tf.nn.softplus(-lf))
            total = d_loss
            if self.r1:
                g = tape.gradient(tf.reduce_sum(lr), real_in)
                total += self.r1/2*tf.reduce_mean(tf.reduce_sum(g*g, [1, 2, 3]))
        gd = tape.gradient(total, self.discriminator.trainable_variables)
        gg = tape.gradient(g_loss, self.generator.trainable_variables)
        self.do.apply_gradients(zip(gd, self.discriminator.trainable_variables))
        self.go.apply_gradients(zip(gg, self.generator.trainable_variables))
        t = tf.cast(self.go.iterations, tf.float32); decay = tf.minimum(self.ema, (1 + t)/(10 + t))
        for a, w in zip(self.averaged_generator.variables, self.generator.variables):
            a.assign(a + (1 - decay)*(w - a))
        for t, v in zip(self.trackers, [d_loss, g_loss, tf.reduce_mean(tf.cast(lr > 0, tf.float32)), tf.reduce_mean(tf.cast(lf < 0, tf.float32))]):
            t.update_state(v)
        return {t.name: t.result() for t in self.trackers}
